//! From claims to a person, a name and roles.

use std::collections::{BTreeMap, BTreeSet};

use domain::role::Role;
use serde_json::{Map, Value};

/// Longest name that is shown.
const LONGEST_NAME: usize = 120;

/// The roles that the claim gives. Its value is one text or a list of them; anything else gives none.
pub(super) fn roles(
    claims: &Map<String, Value>,
    claim: &str,
    given_by: &BTreeMap<Role, Vec<String>>,
) -> BTreeSet<Role> {
    let held: Vec<&str> = match find(claims, claim) {
        Some(Value::String(only)) => vec![only],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let gives = |values: &Vec<String>| values.iter().any(|value| held.contains(&value.as_str()));
    given_by
        .iter()
        .filter(|(_, values)| gives(values))
        .map(|(role, _)| *role)
        .collect()
}

/// The value of the claim that links accounts of one person, if there is a usable one.
pub(super) fn link(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    match find(claims, claim)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a person is called. For reading only: names prove nothing.
pub(super) fn name(claims: &Map<String, Value>, subject: &str) -> String {
    let candidates = ["name", "preferred_username", "email"]
        .iter()
        .filter_map(|claim| claims.get(*claim)?.as_str());
    let tidy = |text: &str| {
        text.chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_NAME)
            .collect::<String>()
            .trim()
            .to_owned()
    };
    candidates
        .map(tidy)
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| tidy(subject))
}

/// A claim by its name, which may have dots in it, or by the path that dots make.
fn find<'c>(claims: &'c Map<String, Value>, claim: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(claim) {
        return Some(value);
    }
    let (first, rest) = claim.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    fn operators() -> BTreeMap<Role, Vec<String>> {
        [
            (Role::Operator, vec!["dba".into(), "sre".into()]),
            (Role::Auditor, vec!["audit".into()]),
            (Role::Viewer, Vec::new()),
        ]
        .into()
    }

    #[test]
    fn roles_come_from_a_text_a_list_or_a_path() {
        let cases = [
            (
                r#"{"groups":["x","sre","audit"]}"#,
                "groups",
                vec![Role::Auditor, Role::Operator],
            ),
            (r#"{"groups":"dba"}"#, "groups", vec![Role::Operator]),
            (
                r#"{"realm_access":{"roles":["dba"]}}"#,
                "realm_access.roles",
                vec![Role::Operator],
            ),
            (
                r#"{"https://example.org/roles":["dba"]}"#,
                "https://example.org/roles",
                vec![Role::Operator],
            ),
            (r#"{"groups":["dba sre","DBA",7]}"#, "groups", vec![]),
            (r#"{"groups":{"dba":true}}"#, "groups", vec![]),
            (r#"{"groups":""}"#, "groups", vec![]),
            ("{}", "groups", vec![]),
            (r#"{"realm_access":["dba"]}"#, "realm_access.roles", vec![]),
        ];
        for (json, claim, expected) in cases {
            assert_eq!(
                roles(&claims(json), claim, &operators()),
                expected.into_iter().collect(),
                "{json}"
            );
        }
    }

    #[test]
    fn a_name_is_found_and_tidied() {
        assert_eq!(
            name(&claims(r#"{"name":" Ada\u0007 Lovelace ","email":"a@b"}"#), "7"),
            "Ada Lovelace"
        );
        assert_eq!(name(&claims(r#"{"name":"","preferred_username":"ada"}"#), "7"), "ada");
        assert_eq!(name(&claims("{}"), "7"), "7");
    }

    #[test]
    fn a_link_is_a_text_or_a_number() {
        assert_eq!(link(&claims(r#"{"hr":{"id":4711}}"#), "hr.id").as_deref(), Some("4711"));
        assert_eq!(link(&claims(r#"{"id":""}"#), "id"), None);
    }
}
