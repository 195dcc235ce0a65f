//! Whose fault it is that a drill's instance could not be made: the backups', or that of rights, quotas and settings, each with its remedy.
//! Codes: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html>.

use domain::drill::Failure;

use super::RdsError;
use crate::aws::AwsError;

const AGAIN: &str = "start the drill again; if that doesn’t help, look at the state of RDS in this region";
const SETTINGS: &str = "name what exists in [deployment.source.drill], and have that approved";

impl RdsError {
    /// Whether the same question may have an answer a little later.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Aws(AwsError::Unreachable { .. } | AwsError::Throttled { .. } | AwsError::Faulty(_))
        )
    }

    /// What it says about the backups, if anything.
    #[must_use]
    pub fn blame(&self) -> Failure {
        let words = self.to_string();
        let environment = |code: &str, remedy: &str| Failure::of_environment(code, words.clone(), remedy);
        let Self::Aws(error) = self else {
            return environment("source-gone", "check instance, region and account of this source");
        };
        match error {
            AwsError::Denied(refusal) => Failure::of_environment(
                "access-denied",
                words,
                format!(
                    "allow {} in the policy of Muster’s credentials (docs/drills.md has all of it)",
                    refusal.call
                ),
            ),
            AwsError::Settings(_)
            | AwsError::NoCredentials(_)
            | AwsError::Credentials(_)
            | AwsError::Expired(_)
            | AwsError::Elsewhere { .. } => {
                environment("aws-credentials", "look at the credentials and region of this source")
            }
            AwsError::Unreachable { .. }
            | AwsError::Throttled { .. }
            | AwsError::Faulty(_)
            | AwsError::NotUnderstood { .. } => environment("aws-unreachable", AGAIN),
            AwsError::Refused(refusal) => of_code(&refusal.code, &words),
        }
    }
}

fn of_code(code: &str, words: &str) -> Failure {
    let environment = |own: &str, remedy: &str| Failure::of_environment(own, words, remedy);
    match code.trim_end_matches("Fault") {
        "InstanceQuotaExceeded" | "StorageQuotaExceeded" => environment(
            "quota",
            "raise this quota of RDS in the region, or delete instances that nobody needs",
        ),
        "InsufficientDBInstanceCapacity" | "StorageTypeNotAvailable" | "StorageTypeNotSupported" => environment(
            "capacity",
            "start the drill again later, or name another class in [deployment.source.drill] and have that approved",
        ),
        "DBSubnetGroupNotFound" | "DBSubnetGroupDoesNotCoverEnoughAZs" | "InvalidSubnet" | "InvalidVPCNetworkState" => {
            environment("subnet-group", SETTINGS)
        }
        "DBParameterGroupNotFound"
        | "DBSecurityGroupNotFound"
        | "OptionGroupNotFound"
        | "InvalidParameterCombination"
        | "InvalidParameterValue"
        | "AuthorizationNotFound" => environment("settings", SETTINGS),
        "KMSKeyNotAccessible" => environment(
            "kms-key",
            "see under Backups whether the KMS key is enabled, and let Muster’s credentials use it (kms:DescribeKey, kms:CreateGrant)",
        ),
        "InvalidDBInstanceState" => environment(
            "source-busy",
            "start the drill again when the source instance is available",
        ),
        "DBInstanceNotFound" => environment("source-gone", "check instance, region and account of this source"),
        "DBInstanceAlreadyExists" => environment("name-taken", "look at who made the instance of this name"),
        "PointInTimeRestoreNotEnabled" | "DBInstanceAutomatedBackupNotFound" | "InvalidRestore" => {
            Failure::of_backup("restore-refused", words)
        }
        _ => environment("aws-refused", AGAIN),
    }
}

#[cfg(test)]
mod tests {
    use domain::drill::Blame;

    use super::*;

    #[test]
    fn what_lacks_room_or_rights_says_nothing_about_the_backups() {
        for (code, own) in [
            ("InstanceQuotaExceeded", "quota"),
            ("StorageQuotaExceededFault", "quota"),
            ("InsufficientDBInstanceCapacity", "capacity"),
            ("DBSubnetGroupNotFoundFault", "subnet-group"),
            ("KMSKeyNotAccessibleFault", "kms-key"),
            ("SomethingOfNextYear", "aws-refused"),
        ] {
            let found = of_code(code, "AWS refused it");
            assert_eq!((found.blame, found.code.as_str()), (Blame::Environment, own));
            assert!(found.remedy.is_some(), "{code}");
        }
        for code in ["InvalidRestoreFault", "PointInTimeRestoreNotEnabled"] {
            assert_eq!(of_code(code, "AWS refused it").blame, Blame::Backup, "{code}");
        }
    }
}
