//! Mail: one text message to one person at a time, handed to the one server that is configured. Each recipient is a delivery of its own,
//! since a server may take a message for one and refuse it for another.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use domain::notice::Notice;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as TransportError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use crate::http::innermost;

/// How long the server may take for one command.
const COMMAND: Duration = Duration::from_secs(15);
/// How long it may take for a whole message.
const PATIENCE: Duration = Duration::from_secs(45);
/// Replies that are about the login: somebody corrects a password, and the message is wanted then (RFC 4954, section 6).
const ABOUT_LOGIN: [u16; 4] = [530, 534, 535, 538];

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Plain at first, then TLS; refused if the server doesn't offer it.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None, for a relay on this host.
    None,
}

/// What is known of the server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub protection: Protection,
    pub login: Option<(String, SecretString)>,
    pub from: String,
    /// A file of certificates that vouch for the server in place of the system's.
    pub authorities: Option<PathBuf>,
}

/// Why a message didn't arrive, or can't be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    #[error("{0:?} is no address for mail. Nothing was sent")]
    Address(String),
    #[error("the connection to the mail server {host} can't be set up: {reason}")]
    Settings { host: String, reason: String },
    /// The server won't take it however often it is asked.
    #[error("{host} refuses it for good: {said}")]
    Refused { host: String, said: String },
    #[error("{host} doesn’t take it now: {said}")]
    NotNow { host: String, said: String },
}

/// A mail server that accepts messages from Muster.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    host: String,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer({})", self.host)
    }
}

impl Mailer {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// If the sender is no address, or the certificates can't be used.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let SmtpSettings { host, port, .. } = settings;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .timeout(Some(COMMAND))
            .tls(match settings.protection {
                Protection::StartTls => Tls::Required(tls(settings)?),
                Protection::Tls => Tls::Wrapper(tls(settings)?),
                Protection::None => Tls::None,
            });
        if let Some((name, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(name.clone(), password.expose_secret().to_owned()));
        }
        Ok(Self {
            transport: builder.build(),
            from: mailbox(&settings.from)?,
            host: format!("{host}:{port}"),
        })
    }

    /// The server, as people know it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Hands the message over for one recipient. Its `Message-ID` is the notice's, so that a second delivery is known as one.
    ///
    /// # Errors
    /// If the server didn't say that it has it.
    pub async fn send(&self, notice: &Notice, to: &str) -> Result<(), SmtpError> {
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(mailbox(to)?)
            .date(notice.at.into())
            .message_id(Some(format!("<{}@{domain}>", notice.id)))
            .subject(notice.subject())
            .header(ContentType::TEXT_PLAIN)
            .body(notice.mail())
            .map_err(|error| self.set_up(&error))?;
        match timeout(PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_taken)) => Ok(()),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_elapsed) => Err(self.silent()),
        }
    }

    /// Connects, signs in and leaves again, without a message.
    ///
    /// # Errors
    /// If the server doesn't let Muster in.
    pub async fn reach(&self) -> Result<String, SmtpError> {
        match timeout(PATIENCE, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(format!("{} lets Muster in", self.host)),
            Ok(Ok(false)) => Err(self.not_now("it hung up".into())),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_elapsed) => Err(self.silent()),
        }
    }

    fn failed(&self, error: &TransportError) -> SmtpError {
        let code = error.status().map(u16::from);
        let said = match code {
            Some(code) => format!("{code} {}", innermost(error)),
            None => innermost(error),
        };
        if error.is_permanent() && code.is_none_or(|code| !ABOUT_LOGIN.contains(&code)) {
            return SmtpError::Refused {
                host: self.host.clone(),
                said,
            };
        }
        self.not_now(said)
    }

    fn not_now(&self, said: String) -> SmtpError {
        SmtpError::NotNow {
            host: self.host.clone(),
            said,
        }
    }

    fn silent(&self) -> SmtpError {
        self.not_now("it didn’t answer in time".into())
    }

    fn set_up(&self, error: &dyn std::error::Error) -> SmtpError {
        SmtpError::Settings {
            host: self.host.clone(),
            reason: innermost(error),
        }
    }
}

fn mailbox(address: &str) -> Result<Mailbox, SmtpError> {
    address.parse().map_err(|_| SmtpError::Address(address.to_owned()))
}

fn tls(settings: &SmtpSettings) -> Result<TlsParameters, SmtpError> {
    let unusable = |reason: String| SmtpError::Settings {
        host: settings.host.clone(),
        reason,
    };
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.authorities {
        let named = |reason: &dyn fmt::Display| unusable(format!("{}: {reason}", path.display()));
        let text = std::fs::read(path).map_err(|error| named(&error))?;
        let certificate = Certificate::from_pem(&text).map_err(|error| named(&innermost(&error)))?;
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    parameters.build().map_err(|error| unusable(innermost(&error)))
}

#[cfg(test)]
mod tests;
