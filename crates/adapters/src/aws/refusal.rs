//! What an answer says: the wanted one, a refusal in AWS's words, or nothing that AWS would say.
//! Sources: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use std::time::Duration;

use aws_credential_types::Credentials;
use serde_json::Value;

use super::call::Call;
use super::error::{AwsError, Refusal};
use super::xml::Node;

/// Longest message that is passed on, in characters.
const LONGEST_MESSAGE: usize = 300;

/// What came back.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub kind: Option<String>,
    /// Code of an error in JSON, in some services.
    pub error_type: Option<String>,
    pub retry_after: Option<Duration>,
    /// Where a bucket really is.
    pub bucket_region: Option<String>,
    pub body: Vec<u8>,
}

/// The body of a good answer.
pub(super) fn judge(call: &Call, answer: Answer, credentials: &Credentials) -> Result<Vec<u8>, AwsError> {
    if (200..300).contains(&answer.status) {
        return Ok(answer.body);
    }
    let Some((code, message)) = words(&answer) else {
        if let (300..400, Some(region)) = (answer.status, answer.bucket_region) {
            return Err(elsewhere(call, region));
        }
        let kind = answer.kind.as_deref().unwrap_or("no type");
        let reason = format!("status {} with {kind} and no error code of AWS", answer.status);
        return Err(AwsError::not_understood(&call.name, clean(&reason, credentials)));
    };
    if let ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "TemporaryRedirect", Some(region)) =
        (code.as_str(), answer.bucket_region)
    {
        return Err(elsewhere(call, region));
    }
    let refusal = Refusal {
        call: call.name.clone(),
        status: answer.status,
        code: clean(&code, credentials),
        message: clean(&message, credentials),
    };
    Err(sorted(refusal, answer.retry_after))
}

fn elsewhere(call: &Call, region: String) -> AwsError {
    AwsError::Elsewhere {
        call: call.name.clone(),
        region,
    }
}

/// Code and message of an error, in whichever dialect.
pub(super) fn words(answer: &Answer) -> Option<(String, String)> {
    if let Ok(Value::Object(fields)) = serde_json::from_slice(&answer.body) {
        let text = |names: [&str; 2]| names.iter().find_map(|name| fields.get(*name)?.as_str());
        let code = answer.error_type.as_deref().or_else(|| text(["__type", "code"]))?;
        // `com.amazonaws.kms#NotFoundException:http://…`
        let code = code.rsplit('#').next()?.split(':').next()?;
        return Some((code.into(), text(["message", "Message"]).unwrap_or_default().into()));
    }
    let root = Node::parse(&answer.body).ok()?;
    let error = root.find("Error")?;
    Some((
        error.value("Code")?.into(),
        error.value("Message").unwrap_or_default().into(),
    ))
}

/// What a refusal comes down to.
pub(super) fn sorted(refusal: Refusal, retry_after: Option<Duration>) -> AwsError {
    match refusal.code.as_str() {
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AuthFailure"
        | "NotAuthorized"
        | "OptInRequired"
        | "UnauthorizedOperation" => AwsError::Denied(refusal),
        "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "NotSignedUp"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => AwsError::Credentials(refusal),
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
            AwsError::Expired(refusal)
        }
        "BandwidthLimitExceeded"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException" => AwsError::Throttled { refusal, retry_after },
        _ if refusal.status == 429 => AwsError::Throttled { refusal, retry_after },
        _ if refusal.status >= 500 => AwsError::Faulty(refusal),
        _ => AwsError::Refused(refusal),
    }
}

/// The first line of what AWS says. A complaint about a signature goes on with the whole request, the session token included.
pub(super) fn clean(text: &str, credentials: &Credentials) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let secrets = [
        Some(credentials.secret_access_key()),
        credentials.session_token(),
        Some(credentials.access_key_id()),
    ];
    let mut line = line.replace(|character: char| character.is_control(), " ");
    for secret in secrets.into_iter().flatten().filter(|secret| !secret.is_empty()) {
        line = line.replace(secret, "…");
    }
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests;
