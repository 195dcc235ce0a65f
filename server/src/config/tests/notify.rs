//! Where people are told, and whom to call.

use super::*;

fn smtp(more: &str) -> String {
    format!("[notify.smtp]\nhost = \"mail.example.org\"\nfrom = \"a@example.org\"\nto = [\"b@example.org\"]\n{more}")
}

#[test]
fn nothing_readable_crosses_a_network() {
    assert!(
        refused("[notify.webhook]\nurl = \"http://hooks.example.org/x\"").contains("notify.webhook.url needs https://")
    );
    accepted("[notify.webhook]\nurl = \"http://127.0.0.1:9/x\"");
    assert!(refused(&smtp("tls = \"none\"")).contains("notify.smtp.tls \"none\" is for a relay on this host"));
    accepted(&smtp("tls = \"none\"").replace("mail.example.org", "127.0.0.1"));
    let relay = smtp("tls = \"none\"\nusername = \"m\"\npassword = \"p\"").replace("mail.example.org", "localhost");
    assert!(refused(&relay).contains("would send the password in clear"));
}

#[test]
fn a_login_has_both_parts_and_a_mail_has_recipients() {
    assert!(refused(&smtp("username = \"m\"")).contains("username and password go together"));
    assert!(refused(&smtp("").replace("[\"b@example.org\"]", "[]")).contains("name at least one recipient"));
    assert!(refused(&smtp("").replace("b@example.org", "nobody")).contains("notify.smtp.to[0]"));
}

#[test]
fn a_webhook_without_a_signature_is_warned_of() {
    let loaded = read("[notify.webhook]\nurl = \"https://hooks.example.org/x\"").expect("usable");
    let warnings: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings
            .iter()
            .any(|note| note.contains("notify.webhook.signing_key is missing")),
        "{warnings:?}"
    );
}

#[test]
fn hours_are_read_or_refused_with_an_example() {
    let contact = |hours: &str| format!("[[contact]]\nname = \"a\"\nhours = \"{hours}\"");
    accepted(&contact("Fri-Sun 22:00-06:00"));
    assert!(refused(&contact("whenever")).contains("such as \"Mon-Fri 08:00-18:00\""));
}
