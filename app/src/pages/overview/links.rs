//! Addresses inside one deployment.

use leptos_router::params::ParamsMap;

use crate::components::Address;

/// Knows which deployment a page is about. The first one is the default and isn't named, so that its addresses stay short.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Links {
    pub deployment: String,
    pub is_default: bool,
}

impl Links {
    /// A page of this deployment.
    #[must_use]
    pub fn to(&self, path: &str) -> Address {
        let address = Address::new(path, ParamsMap::new());
        if self.is_default {
            address
        } else {
            address.with("deployment", self.deployment.clone())
        }
    }

    /// The page of one backup; of several with this label, the one in the first repository.
    #[must_use]
    pub fn backup(&self, source: &str, label: &str) -> String {
        self.backup_in(source, None, label)
    }

    /// The page of one backup in one repository.
    #[must_use]
    pub fn backup_in(&self, source: &str, repo: Option<u32>, label: &str) -> String {
        let address = self.to(&format!("/backups/{}/{}", segment(source), segment(label)));
        match repo {
            Some(repo) => address.with("repo", repo.to_string()).to_string(),
            None => address.to_string(),
        }
    }

    /// The page of one source.
    #[must_use]
    pub fn source(&self, name: &str) -> String {
        self.to(&format!("/sources/{}", segment(name))).to_string()
    }
}

/// One segment of a path. Names come from outside, so all but the unreserved characters (RFC 3986, section 2.3) are escaped.
fn segment(name: &str) -> String {
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || (byte == b'.' && !name.starts_with('.')) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(is_default: bool) -> Links {
        Links {
            deployment: "eu west".into(),
            is_default,
        }
    }

    #[test]
    fn only_the_default_deployment_goes_unnamed() {
        assert_eq!(links(true).to("/keys").to_string(), "/keys");
        assert_eq!(links(false).to("/keys").to_string(), "/keys?deployment=eu%20west");
    }

    #[test]
    fn a_label_stays_one_segment_whatever_is_in_it() {
        let hostile = links(true).backup("dumps", "../a/b?c#d \u{202e}.dump");
        assert_eq!(hostile, "/backups/dumps/%2E%2E%2Fa%2Fb%3Fc%23d%20%E2%80%AE%2Edump");
        assert_eq!(
            links(true).backup("dumps", "ampora-1.dump"),
            "/backups/dumps/ampora-1.dump"
        );
    }
}
