//! What an object store says when it refuses, in words for a person. Services answer with XML that holds a code and a message:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>.

use std::error::Error as _;

use crate::process::Secrets;

/// Longest quotation, in characters.
const LONGEST: usize = 300;

/// The reason, without any of these secrets.
pub fn of(error: &object_store::Error, secrets: &Secrets) -> String {
    let text = secrets.redact(&error.to_string()).into_owned();
    let said = said(&text);
    let what = match status(error, &text) {
        Some(404) => "there is no such bucket, container or object",
        Some(403) => "these credentials may not read it",
        Some(401) => "the credentials are not accepted",
        Some(412) => "it was replaced since it was listed",
        Some(301 | 307) => "the bucket lies in another region: set region",
        _ => return said.unwrap_or_else(|| short(&innermost(error, secrets, text))),
    };
    said.map_or_else(|| what.to_owned(), |said| format!("{what} ({said})"))
}

/// The HTTP status. `object_store` tells the one of a listing in its words alone.
fn status(error: &object_store::Error, text: &str) -> Option<u16> {
    use object_store::Error;
    match error {
        Error::NotFound { .. } => Some(404),
        Error::PermissionDenied { .. } => Some(403),
        Error::Unauthenticated { .. } => Some(401),
        Error::Precondition { .. } => Some(412),
        _ if text.contains("Received redirect without LOCATION") => Some(301),
        _ => text.split_once("status code: ")?.1.get(..3)?.parse().ok(),
    }
}

/// Code and message of the service's answer.
fn said(text: &str) -> Option<String> {
    let code = between(text, "Code")?;
    let message = between(text, "Message").map(|message| message.lines().next().unwrap_or_default());
    Some(short(&match message {
        Some(message) if !message.is_empty() => format!("{code}: {message}"),
        _ => code.to_owned(),
    }))
}

fn between<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{tag}>"))?;
    Some(rest.split_once('<')?.0.trim())
}

/// The last cause says most: "Connection refused" rather than "error sending request".
fn innermost(error: &object_store::Error, secrets: &Secrets, text: String) -> String {
    let mut cause = error.source();
    while let Some(next) = cause.and_then(|cause| cause.source()) {
        cause = Some(next);
    }
    let Some(cause) = cause.map(|cause| secrets.redact(&cause.to_string()).into_owned()) else {
        return text;
    };
    if text.contains(&cause) {
        text
    } else {
        format!("{cause}: {text}")
    }
}

fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic {
            store: "S3",
            source: text.to_owned().into(),
        }
    }

    #[test]
    fn the_service_is_quoted_and_no_secret_with_it() {
        let mut secrets = Secrets::default();
        secrets.add(b"correct-horse-battery");
        let xml = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Reduce your rate,\ncorrect-horse-battery</Message></Error>";
        assert_eq!(of(&generic(xml), &secrets), "SlowDown: Reduce your rate,");
        let plain = of(&generic("no answer for correct-horse-battery"), &secrets);
        assert!(plain.contains("no answer") && !plain.contains("correct"), "{plain}");
        assert!(of(&generic(&"long ".repeat(1000)), &secrets).len() < 1000);
        let listing =
            generic("Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code></Error>");
        assert_eq!(
            of(&listing, &secrets),
            "these credentials may not read it (AccessDenied)"
        );
        for odd in [
            "<Code>",
            "<Code></Code>",
            "<Message>x</Message>",
            "<Code>é<Message>",
            "status code: é",
            "status code: ",
        ] {
            let _ = of(&generic(odd), &secrets);
        }
    }
}
