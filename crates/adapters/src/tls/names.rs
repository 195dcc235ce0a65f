//! Whether the certificate was made for the names that clients connect to.

use domain::status::Status;
use rustls::pki_types::{CertificateDer, ServerName};
use serde::{Deserialize, Serialize};
use webpki::EndEntityCert;

/// Names that must be covered, and what the certificate says to them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Names {
    pub asked: Vec<String>,
    /// Those it wasn't made for.
    pub missing: Vec<String>,
    /// Why that can't be told, if it can't.
    pub unread: Option<String>,
}

impl Names {
    /// Checks each name as clients do, wildcards included.
    pub(super) fn check(leaf: &CertificateDer<'_>, asked: Vec<String>) -> Self {
        let certificate = match EndEntityCert::try_from(leaf) {
            Ok(certificate) => certificate,
            Err(error) => {
                let unread = Some(format!("the names of its certificate can’t be read ({error})"));
                return Self {
                    asked,
                    missing: Vec::new(),
                    unread,
                };
            }
        };
        let covers = |name: &str| {
            ServerName::try_from(name).is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
        };
        let missing = asked.iter().filter(|name| !covers(name)).cloned().collect();
        Self {
            asked,
            missing,
            unread: None,
        }
    }

    #[must_use]
    pub fn status(&self) -> Status {
        match (&self.unread, self.missing.is_empty()) {
            (Some(_), _) => Status::Unknown,
            (None, true) => Status::Ok,
            (None, false) => Status::Broken,
        }
    }

    /// Fact and meaning.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.unread {
            Some(reason) => reason.clone(),
            None if self.missing.is_empty() => format!("its certificate covers {}", self.asked.join(", ")),
            None => format!(
                "its certificate isn’t for {}: clients refuse it",
                self.missing.join(", ")
            ),
        }
    }
}
