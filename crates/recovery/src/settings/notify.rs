//! Where people are told what happened.

use std::fmt;
use std::str::FromStr;

use adapters::smtp::Mailer;
use adapters::webhook::Webhook;

/// The places that messages go to. A process without credentials writes messages, and another one sends them.
#[derive(Clone, Debug, Default)]
pub struct Notify {
    /// The console's address, without a slash at the end, for links.
    pub console: Option<String>,
    /// Where each message goes. Empty: nobody is told of anything.
    pub channels: Vec<Channel>,
    /// `None`: not configured, or this process doesn't hold its address.
    pub webhook: Option<Webhook>,
    /// `None`: not configured, or this process doesn't hold its password.
    pub mailer: Option<Mailer>,
}

/// One place that messages go to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Channel {
    Webhook,
    /// One recipient.
    Mail(String),
}

/// As it is stored.
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook => f.write_str("webhook"),
            Self::Mail(to) => write!(f, "mail:{to}"),
        }
    }
}

impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("mail:") {
            Some(to) => Ok(Self::Mail(to.into())),
            None if text == "webhook" => Ok(Self::Webhook),
            None => Err(format!("{text:?} is no channel")),
        }
    }
}

impl Channel {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Webhook => "the webhook".into(),
            Self::Mail(to) => format!("mail to {to}"),
        }
    }
}
