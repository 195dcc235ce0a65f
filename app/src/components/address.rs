//! The address of a page with its filters. Whatever a list shows is in its URL, so every view of it can be sent to a colleague.

use std::fmt;

use leptos_router::params::ParamsMap;

/// A path of this site and its parameters. Displays as the URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    path: String,
    params: ParamsMap,
}

impl Address {
    #[must_use]
    pub fn new(path: impl Into<String>, params: ParamsMap) -> Self {
        Self {
            path: path.into(),
            params,
        }
    }

    /// The value of a parameter that is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.get_str(name).filter(|value| !value.is_empty())
    }

    /// The same address with one parameter set.
    #[must_use]
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut changed = self.without(name);
        changed.params.insert(name, value.into());
        changed
    }

    /// The same address without a parameter.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut changed = self.clone();
        changed.params.remove(name);
        changed
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path, self.params.to_query_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_replaced() {
        let address = Address::new("/backups", ParamsMap::new())
            .with("label", "a&b=c d")
            .with("page", "2")
            .with("page", "3");
        assert_eq!(address.to_string(), "/backups?label=a%26b%3Dc%20d&page=3");
        assert_eq!(address.without("label").without("page").to_string(), "/backups");
        assert_eq!(address.with("label", "").get("label"), None);
    }
}
