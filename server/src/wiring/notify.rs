//! Where people are told what happened.

use adapters::smtp::{Mailer, Protection, SmtpSettings};
use adapters::webhook::Webhook;
use recovery::settings::{Channel, Notify};

use super::{Reach, public_url};
use crate::config::{self, Config, SmtpTls};

/// Every process knows the places, so that it can put messages into the outbox. Their secrets are for those that send.
pub fn resolve(config: &Config, reach: Reach) -> anyhow::Result<Notify> {
    let written = &config.notify;
    let sends = reach == Reach::Restore;
    Ok(Notify {
        webhook: written.webhook.as_ref().filter(|_| sends).map(webhook_of).transpose()?,
        mailer: written.smtp.as_ref().filter(|_| sends).map(mailer_of).transpose()?,
        ..places(config)
    })
}

fn places(config: &Config) -> Notify {
    let written = &config.notify;
    let webhook = written.webhook.iter().map(|_| Channel::Webhook);
    let mails = written.smtp.iter().flat_map(|smtp| &smtp.to);
    let channels = webhook.chain(mails.map(|to| Channel::Mail(to.clone())));
    Notify {
        // A console without an address for browsers is reported where it is started.
        console: public_url(config).ok().map(|url| url.origin().ascii_serialization()),
        channels: channels.collect(),
        webhook: None,
        mailer: None,
    }
}

/// The same for a Muster whose work must not depend on it: on the worst day the secret of a webhook may be gone as well. Messages then wait
/// in the outbox, and `muster doctor` says why.
pub fn as_far_as_known(config: &Config, reach: Reach) -> Notify {
    resolve(config, reach).unwrap_or_else(|error| {
        tracing::error!("nobody can be told what happens until this is put right: {error:#}");
        places(config)
    })
}

fn webhook_of(written: &config::Webhook) -> anyhow::Result<Webhook> {
    let key = written.signing_key.as_ref().map(config::Secret::read).transpose()?;
    let url = written.url.read()?;
    Ok(Webhook::new(&url, key.as_ref(), written.ca_file.as_deref())?)
}

fn mailer_of(written: &config::Smtp) -> anyhow::Result<Mailer> {
    let password = written.password.as_ref().map(config::Secret::read).transpose()?;
    let settings = SmtpSettings {
        host: written.host.clone(),
        port: written.port,
        protection: match written.tls {
            SmtpTls::Starttls => Protection::StartTls,
            SmtpTls::Tls => Protection::Tls,
            SmtpTls::None => Protection::None,
        },
        login: written.username.clone().zip(password),
        from: written.from.clone(),
        authorities: written.ca_file.clone(),
    };
    Ok(Mailer::new(&settings)?)
}
