use super::load::from_text;
use super::*;

mod destinations;
mod dumps;
mod environment;
mod files;
mod language;
mod notify;
mod places;
mod refusals;
mod secrets;
mod tls;

/// A deployment and nothing else.
const SMALL: &str = "[[deployment]]\nname = \"demo\"\n";

fn read(text: &str) -> Result<Loaded, ConfigError> {
    read_with(text, &[])
}

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    from_text("/etc/muster/muster.toml".into(), text, &Environment::new(variables))
}

fn accepted(text: &str) -> Config {
    read(text).unwrap_or_else(|error| panic!("{error}")).config
}

/// What is said about a text that can't be used, one note a line.
fn refused(text: &str) -> String {
    refused_with(text, &[])
}

fn refused_with(text: &str, variables: &[(&str, &str)]) -> String {
    match read_with(text, variables) {
        Err(ConfigError::Invalid { problems, .. }) => problems.iter().map(|note| format!("{note}\n")).collect(),
        Err(other) => other.to_string(),
        Ok(_) => panic!("was accepted:\n{text}"),
    }
}
