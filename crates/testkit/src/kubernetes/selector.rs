//! Label selectors, as they are written in a query:
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.

use serde_json::Value;

/// One of the requirements that a comma joins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Lacks(String),
}

impl Requirement {
    pub fn holds(&self, labels: &Value) -> bool {
        let value = |key: &String| labels[key.as_str()].as_str().map(str::to_owned);
        match self {
            Self::In(key, values) => value(key).is_some_and(|value| values.contains(&value)),
            Self::NotIn(key, values) => value(key).is_none_or(|value| !values.contains(&value)),
            Self::Exists(key) => value(key).is_some(),
            Self::Lacks(key) => value(key).is_none(),
        }
    }
}

/// `None` if it can't be understood.
pub(super) fn parse(text: &str) -> Option<Vec<Requirement>> {
    let mut depth = 0;
    let outside = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    let parts: Vec<&str> = text.split(outside).map(str::trim).collect();
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(requirement)
        .collect()
}

fn requirement(text: &str) -> Option<Requirement> {
    let set = |values: &str| -> Option<Vec<String>> {
        let values = values.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(values.split(',').map(|value| value.trim().to_owned()).collect())
    };
    let own = |text: &str| text.trim().to_owned();
    if let Some((key, values)) = text.split_once(" notin ") {
        return Some(Requirement::NotIn(own(key), set(values)?));
    }
    if let Some((key, values)) = text.split_once(" in ") {
        return Some(Requirement::In(own(key), set(values)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Some(Requirement::NotIn(own(key), vec![own(value)]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Some(Requirement::In(own(key), vec![own(value)]));
    }
    if let Some(key) = text.strip_prefix('!') {
        return Some(Requirement::Lacks(own(key)));
    }
    (!text.contains([' ', '('])).then(|| Requirement::Exists(own(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_way_of_choosing_is_understood() {
        let labels = json!({ "app": "web", "tier": "front" });
        for (text, holds) in [
            ("", true),
            ("app=web,tier=front", true),
            ("app==other", false),
            ("app!=web", false),
            ("app in (api, web),tier", true),
            ("tier notin (front,back)", false),
            ("!gone,app", true),
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(
                parsed.iter().all(|requirement| requirement.holds(&labels)),
                holds,
                "{text}"
            );
        }
        assert_eq!(parse("app in web"), None);
    }
}
