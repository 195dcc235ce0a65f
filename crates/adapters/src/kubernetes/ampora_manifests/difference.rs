//! What applying changes, field by field. Only fields that the manifest sets count: the others stay as they are.

use serde_json::Value;

use crate::tls::plain;

/// Longest value that is shown, in characters.
const LONGEST: usize = 120;
/// More differences than anybody reads.
const MOST: usize = 200;
/// What the cluster fills in by itself, or what says nothing.
const IGNORED: [&str; 3] = ["apiVersion", "kind", "status"];

/// `.spec.replicas: 2 → 0`; in a Secret only which values change.
pub(super) fn lines(wanted: &Value, live: &Value) -> Vec<String> {
    let is_secret = wanted["kind"] == "Secret";
    let mut lines = Vec::new();
    for (field, value) in wanted.as_object().into_iter().flatten() {
        if !IGNORED.contains(&field.as_str()) {
            let hidden = is_secret && matches!(field.as_str(), "data" | "stringData");
            compare(
                &format!(".{}", plain(field)),
                value,
                &live[field.as_str()],
                hidden,
                &mut lines,
            );
        }
    }
    if lines.len() > MOST {
        let more = lines.len() - MOST;
        lines.truncate(MOST);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn compare(at: &str, wanted: &Value, live: &Value, hidden: bool, lines: &mut Vec<String>) {
    match (wanted, live) {
        (Value::Object(fields), Value::Object(_)) => {
            for (field, value) in fields {
                let inner = format!("{at}.{}", plain(field));
                compare(&inner, value, &live[field.as_str()], hidden, lines);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.iter().all(|item| item["name"].is_string()) => {
            for item in items {
                let same = others.iter().find(|other| other["name"] == item["name"]);
                let inner = format!("{at}[{}]", plain(item["name"].as_str().unwrap_or_default()));
                compare(&inner, item, same.unwrap_or(&Value::Null), hidden, lines);
            }
        }
        _ if wanted == live => {}
        _ if hidden => lines.push(format!("{at} changes")),
        _ => lines.push(format!("{at}: {} → {}", shown(live), shown(wanted))),
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = plain(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::kubernetes::ampora_manifests::any::any_json;

    #[test]
    fn only_what_the_manifest_sets_counts() {
        let wanted = json!({ "kind": "Deployment", "spec": { "replicas": 0, "template": { "spec": { "containers": [
            { "name": "ampora-web", "image": "ampora@sha256:1" }] } } } });
        let live = json!({ "kind": "Deployment", "status": { "replicas": 3 }, "spec": { "replicas": 2, "paused": true,
            "template": { "spec": { "containers": [
                { "name": "sidecar" }, { "name": "ampora-web", "image": "ampora:1", "tty": true }] } } } });
        let expected = [
            ".spec.replicas: 2 → 0",
            ".spec.template.spec.containers[ampora-web].image: ampora:1 → ampora@sha256:1",
        ];
        assert_eq!(lines(&wanted, &live), expected);
        assert_eq!(lines(&wanted, &wanted), [""; 0]);
    }

    #[test]
    fn values_of_secrets_are_never_shown() {
        let secret = |value: &str| json!({ "kind": "Secret", "stringData": { "password": value } });
        let lines = lines(&secret("horse"), &secret("battery"));
        assert_eq!(lines, [".stringData.password changes"]);
    }

    proptest! {
        #[test]
        fn anything_compares(wanted in any_json(), live in any_json()) {
            let _ = lines(&wanted, &live);
        }
    }
}
