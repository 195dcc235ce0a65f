//! `muster notify test`: one message to everybody who would be told, so that it is known beforehand whether they are. Needs no database.

use domain::status::Status;
use recovery::{Clock, notify};
use serde_json::json;

use super::exit;
use crate::cli::Exit;
use crate::config::Config;
use crate::print;
use crate::wiring::{self, Reach};

pub async fn test(config: &Config, as_json: bool) -> anyhow::Result<Exit> {
    let told = wiring::notify(config, Reach::Restore)?;
    anyhow::ensure!(
        !told.channels.is_empty(),
        "nobody is told of anything: neither [notify.webhook] nor [notify.smtp] is set; docs/notifications.md has both"
    );
    let sent = notify::test(&told, Clock::system().now()).await;
    let status = |done: &Result<(), String>| if done.is_ok() { Status::Ok } else { Status::Broken };
    let code = exit(sent.iter().map(|(_, done)| status(done)));
    let said = |done: &Result<(), String>| done.as_ref().err().cloned().unwrap_or_else(|| "taken".into());
    if as_json {
        let sent: Vec<_> = sent
            .iter()
            .map(|(to, done)| json!({"to": to.to_string(), "status": status(done), "detail": said(done)}))
            .collect();
        print::json(&json!({"schema": "muster.notify-test/1", "sent": sent}))?;
    } else {
        let rows: Vec<_> = sent
            .iter()
            .map(|(to, done)| [status(done).word().into(), to.words(), said(done)])
            .collect();
        print::text(&print::aligned(&rows));
    }
    Ok(code)
}
