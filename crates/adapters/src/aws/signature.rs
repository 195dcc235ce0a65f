//! Signature Version 4, which proves who calls without sending the secret.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use url::Url;

use super::call::Call;
use super::error::AwsError;
use super::service::Service;

/// The headers that prove who calls.
pub(super) fn signature(
    call: &Call,
    url: &Url,
    region: &str,
    credentials: &Credentials,
) -> Result<Vec<(&'static str, String)>, AwsError> {
    let failed = |error: String| AwsError::Settings(format!("{} can’t be signed: {error}", call.name));
    let identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    if call.service == Service::S3 {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(call.service.signing_region(region))
        .name(call.service.word())
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(|error| failed(error.to_string()))?
        .into();
    let headers = call.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(&call.body);
    let request = SignableRequest::new(call.method.as_str(), url.as_str(), headers, body)
        .map_err(|error| failed(error.to_string()))?;
    let signed = sign(request, &parameters).map_err(|error| failed(error.to_string()))?;
    let (headers, _) = signed.into_parts().0.into_parts();
    Ok(headers
        .iter()
        .map(|header| (header.name(), header.value().to_owned()))
        .collect())
}
