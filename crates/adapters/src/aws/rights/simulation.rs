//! What the answers about policies say.

use serde_json::Value;

use super::Right;
use crate::aws::error::AwsError;
use crate::aws::xml::Node;

/// What the simulation said of one action.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Decision {
    action: String,
    word: String,
    /// Keys of conditions that the simulation wasn't told.
    missing: Vec<String>,
}

pub(super) fn decisions(answer: &[u8]) -> Result<Vec<Decision>, AwsError> {
    let call = "iam:SimulatePrincipalPolicy";
    let root = Node::parse(answer).map_err(|error| AwsError::not_understood(call, error))?;
    let results = root
        .find("EvaluationResults")
        .ok_or_else(|| AwsError::not_understood(call, "it evaluates nothing"))?;
    let decision = |result: &Node| {
        let missing = result.child("MissingContextValues").map(|keys| &keys.children[..]);
        Some(Decision {
            action: result.value("EvalActionName")?.into(),
            word: result.value("EvalDecision")?.into(),
            missing: missing
                .unwrap_or_default()
                .iter()
                .map(|key| key.text.trim().to_owned())
                .collect(),
        })
    };
    Ok(results.children.iter().filter_map(decision).collect())
}

pub(super) fn right(decisions: &[Decision], action: &str) -> Right {
    let Some(decision) = decisions
        .iter()
        .find(|decision| decision.action.eq_ignore_ascii_case(action))
    else {
        return Right::Unknown("the simulation doesn’t mention it".into());
    };
    match decision.word.as_str() {
        "allowed" => Right::Allowed,
        "explicitDeny" | "implicitDeny" if decision.missing.is_empty() => Right::Denied,
        "explicitDeny" | "implicitDeny" => Right::Unknown(format!("it depends on {}", decision.missing.join(", "))),
        other => Right::Unknown(format!("the simulation says {other:?}")),
    }
}

/// Whether a policy allows anything to anybody. One that isn't understood might.
pub(super) fn allows(policy: &[u8]) -> bool {
    let Ok(policy) = serde_json::from_slice::<Value>(policy) else {
        return true;
    };
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => return true,
    };
    statements
        .iter()
        .any(|statement| statement.get("Effect").and_then(Value::as_str) != Some("Deny"))
}
