//! How a secret is called: by its name in a region, or by its resource name, which ends in six characters that AWS draws
//! (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>).

use crate::aws::{AwsError, region_of};

/// Longest name that AWS takes.
const LONGEST: usize = 512;
/// What AWS puts behind the name: a hyphen and so many letters and digits.
const DRAWN: usize = 6;

/// A secret as it is configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SecretId {
    pub name: String,
    pub region: String,
    /// As it is configured; `None`: it is configured by its name.
    pub arn: Option<String>,
}

impl SecretId {
    /// `region` is the configured one; a resource name says its own.
    pub fn parse(text: &str, region: Option<&str>) -> Result<Self, AwsError> {
        if text.starts_with("arn:") {
            return Self::parse_arn(text, region);
        }
        let region =
            region.ok_or_else(|| AwsError::Settings(format!("no region is configured for secret {text:?}")))?;
        if !is_name(text) {
            return Err(AwsError::Settings(format!("{text:?} can’t be the name of a secret")));
        }
        Ok(Self {
            name: text.into(),
            region: region.into(),
            arn: None,
        })
    }

    fn parse_arn(arn: &str, region: Option<&str>) -> Result<Self, AwsError> {
        let refused = |why: &str| AwsError::Settings(format!("{arn:?} {why}"));
        let own = region_of(arn).ok_or_else(|| refused("names no region"))?;
        if region.is_some_and(|region| region != own) {
            return Err(refused("is of another region than the one that is configured"));
        }
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let name = match parts.as_slice() {
            [_, _, "secretsmanager", _, _, "secret", resource] => without_drawn(resource),
            _ => None,
        };
        let name = name.filter(|name| is_name(name));
        let name = name.ok_or_else(|| refused("isn’t the whole ARN of a secret; give that, or its name"))?;
        Ok(Self {
            name: name.into(),
            region: own.into(),
            arn: Some(arn.into()),
        })
    }

    /// What AWS is asked with.
    pub fn asked(&self) -> &str {
        self.arn.as_deref().unwrap_or(&self.name)
    }
}

fn without_drawn(resource: &str) -> Option<&str> {
    let (name, drawn) = resource.rsplit_once('-')?;
    let fits = drawn.len() == DRAWN && drawn.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(name)
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ampora/master-key-AbC1x9";

    #[test]
    fn a_name_and_a_whole_arn_call_the_same_secret() {
        let by_name = SecretId::parse("ampora/master-key", Some("eu-west-1")).unwrap();
        for region in [None, Some("eu-west-1")] {
            let by_arn = SecretId::parse(ARN, region).unwrap();
            assert_eq!((&by_arn.name, &by_arn.region), (&by_name.name, &by_name.region));
            assert_eq!((by_name.asked(), by_arn.asked()), ("ampora/master-key", ARN));
        }
    }

    #[test]
    fn what_calls_no_secret_is_refused() {
        for (text, region) in [
            ("", Some("eu-west-1")),
            ("ampora master", Some("eu-west-1")),
            ("ampora/master-key", None),
            (ARN, Some("eu-central-1")),
            ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:ampora", None),
            ("arn:aws:kms:eu-west-1:123456789012:key:ampora-AbC1x9", None),
            ("arn:aws:secretsmanager::123456789012:secret:ampora-AbC1x9", None),
        ] {
            let refused = SecretId::parse(text, region);
            assert!(matches!(refused, Err(AwsError::Settings(_))), "{text}: {refused:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(arn:)?\\PC{0,60}", tail in "[:a-z-]{0,40}") {
            let _ = SecretId::parse(&format!("{text}{tail}"), Some("eu-west-1"));
            let _ = SecretId::parse(&format!("arn:aws:secretsmanager:eu-west-1:1:secret:{text}"), None);
        }
    }
}
