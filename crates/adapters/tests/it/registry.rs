//! Images at a real registry (docker-registry), and at some that answer wrongly.

mod hostile;
mod login;
mod losses;
mod pulls;

use adapters::registry::{Credentials, Digest, ImageReading, ImageSettings, Version, Wanted, read};
use secrecy::SecretString;
use testkit::registry::{PASSWORD, Registry, USERNAME};

const REPOSITORY: &str = "ampora/web";

/// The image of these tests with this tag, at `registry`.
fn settings(registry: &Registry, tag: &str) -> ImageSettings {
    let reference = format!("{}/{REPOSITORY}:{tag}", registry.address());
    ImageSettings::new(reference.parse().unwrap())
}

fn credentials(password: &str) -> Option<Credentials> {
    Some(Credentials {
        username: USERNAME.into(),
        password: SecretString::from(password),
    })
}

fn with_login(registry: &Registry, tag: &str) -> ImageSettings {
    ImageSettings {
        credentials: credentials(PASSWORD),
        ..settings(registry, tag)
    }
}

fn wrote(backup: &str, digest: &Digest) -> Wanted {
    Wanted {
        what: format!("wrote backup {backup}"),
        version: Version::Digest(digest.clone()),
    }
}

/// Reads it as the collector does: on another thread.
async fn reading(settings: ImageSettings, earlier: Vec<Wanted>) -> ImageReading {
    tokio::spawn(async move { read(&settings, &earlier).await })
        .await
        .unwrap()
}
