//! Where each service answers and under which name it is signed.
//! Sources: <https://docs.aws.amazon.com/general/latest/gr/rande.html> and the pages it leads to.

/// A service that Muster asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Service {
    Rds,
    Kms,
    S3,
    Sts,
    Iam,
}

impl Service {
    /// Its name in signatures, host names and policies.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::Kms => "kms",
            Self::S3 => "s3",
            Self::Sts => "sts",
            Self::Iam => "iam",
        }
    }

    /// Version of the query protocol that a call names. Services of another protocol have none.
    pub(super) const fn version(self) -> Option<&'static str> {
        match self {
            Self::Rds => Some("2014-10-31"),
            Self::Sts => Some("2011-06-15"),
            Self::Iam => Some("2010-05-08"),
            Self::Kms | Self::S3 => None,
        }
    }

    /// The region that signs. IAM has one for the whole of a partition.
    pub(super) fn signing_region(self, region: &str) -> &str {
        match (self, Partition::of(region)) {
            (Self::Iam, Partition::Standard) => "us-east-1",
            (Self::Iam, Partition::China) => "cn-north-1",
            (Self::Iam, Partition::Government) => "us-gov-west-1",
            (Self::Iam, Partition::Europe) => "eusc-de-east-1",
            _ => region,
        }
    }

    /// Host name of the service in this region.
    pub(super) fn host(self, region: &str) -> String {
        let partition = Partition::of(region);
        let suffix = partition.suffix();
        match (self, partition) {
            (Self::Iam, Partition::Standard) => format!("iam.{suffix}"),
            (Self::Iam, Partition::Government) => format!("iam.us-gov.{suffix}"),
            _ => format!("{}.{}.{suffix}", self.word(), self.signing_region(region)),
        }
    }
}

/// Parts of AWS that know nothing of each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Partition {
    Standard,
    China,
    Government,
    Europe,
}

impl Partition {
    fn of(region: &str) -> Self {
        match region.split('-').next() {
            Some("cn") => Self::China,
            Some("eusc") => Self::Europe,
            Some("us") if region.starts_with("us-gov-") => Self::Government,
            _ => Self::Standard,
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Standard | Self::Government => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::Europe => "amazonaws.eu",
        }
    }
}

/// Whether this can be one part of a host name, which regions and most buckets become. It may hold nothing else.
pub(super) fn is_label(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') && !name.ends_with('-')
}

/// The region in an Amazon Resource Name, `arn:partition:service:region:account:resource`.
#[must_use]
pub fn region_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let region = parts.nth(3).filter(|region| is_label(region))?;
    arn.starts_with("arn:").then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_host() {
        for (service, region, host, signed) in [
            (Service::Rds, "eu-west-1", "rds.eu-west-1.amazonaws.com", "eu-west-1"),
            (
                Service::Kms,
                "cn-north-1",
                "kms.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (Service::Iam, "eu-west-1", "iam.amazonaws.com", "us-east-1"),
            (
                Service::Iam,
                "cn-northwest-1",
                "iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                Service::Iam,
                "us-gov-east-1",
                "iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                Service::Sts,
                "us-gov-east-1",
                "sts.us-gov-east-1.amazonaws.com",
                "us-gov-east-1",
            ),
            (
                Service::S3,
                "eusc-de-east-1",
                "s3.eusc-de-east-1.amazonaws.eu",
                "eusc-de-east-1",
            ),
        ] {
            assert_eq!(
                (service.host(region).as_str(), service.signing_region(region)),
                (host, signed)
            );
        }
    }

    #[test]
    fn nothing_but_a_label_gets_into_a_host_name() {
        assert!(is_label("ap-southeast-4"));
        for name in [
            "",
            "eu west",
            "x.example.org/",
            "eu-west-1#",
            "-eu",
            "EU-WEST-1",
            "eu-west-1:443",
        ] {
            assert!(!is_label(name), "{name}");
        }
        assert_eq!(
            region_of("arn:aws:rds:eu-central-1:123456789012:auto-backup:ab-example"),
            Some("eu-central-1")
        );
        for arn in [
            "",
            "ab-example",
            "arn:aws:s3:::bucket",
            "arn:aws:rds:x.example.org/:1:db:a",
        ] {
            assert_eq!(region_of(arn), None, "{arn}");
        }
    }
}
