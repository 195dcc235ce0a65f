//! A dump as people get at it, and where they read it into.

use adapters::dumps::DumpPlace;
use domain::emergency::Command;

use crate::settings::Dumps;

/// Name of the database that a dump is read into.
pub(crate) const INTO: &str = "ampora_restored";

/// A dump as a file that the tools of PostgreSQL are given.
pub(crate) struct DumpFile {
    /// Brings it here, where it lies elsewhere.
    pub(crate) fetch: Option<Command>,
    pub(crate) path: String,
    /// SQL, which psql reads; everything else is pg_restore's.
    pub(crate) is_script: bool,
}

impl DumpFile {
    pub(crate) fn of(dumps: &Dumps, label: &str) -> Self {
        let place = dumps.place.whereabouts();
        let (fetch, path) = match &dumps.place {
            DumpPlace::Folder(_) => (None, format!("{}/{label}", place.trim_end_matches('/'))),
            DumpPlace::Bucket(bucket) => (fetch(&place, label, bucket.endpoint()), label.to_owned()),
        };
        Self {
            fetch,
            path,
            is_script: [".sql", ".sql.gz"].iter().any(|end| label.ends_with(end)),
        }
    }
}

/// The tool of the cloud that the bucket is of. An endpoint of one's own is named to it, or it would ask the cloud's.
fn fetch(place: &str, label: &str, endpoint: Option<&str>) -> Option<Command> {
    let from = format!("{}/{label}", place.trim_end_matches('/'));
    let words: &[&str] = match place.split_once("://")?.0 {
        "s3" => &["aws", "s3", "cp"],
        "gs" => &["gcloud", "storage", "cp"],
        _ => return None,
    };
    let argv = words.iter().copied().chain([from.as_str(), label]);
    let endpoint = endpoint.filter(|_| words[0] == "aws");
    let endpoint = endpoint.into_iter().flat_map(|endpoint| ["--endpoint-url", endpoint]);
    Some(Command::new("Fetches the dump", argv.chain(endpoint)))
}

#[cfg(test)]
mod tests {
    use adapters::dumps::{DumpBucket, S3Location};

    use super::*;

    fn typed(endpoint: Option<&str>) -> String {
        let location = S3Location {
            bucket: "safe".into(),
            prefix: "ampora".into(),
            region: Some("eu-central-1".into()),
            endpoint: endpoint.map(|url| url.parse().expect("a URL")),
            access_key_id: Some("AKIA".into()),
            secret_access_key: Some("hush".into()),
        };
        let bucket = DumpBucket::s3("dumps", &location).expect("a place");
        let fetch = fetch(bucket.url(), "new.dump", bucket.endpoint());
        fetch.expect("S3 has a tool").argv.join(" ")
    }

    #[test]
    fn the_tool_asks_where_the_bucket_is() {
        let plain = "aws s3 cp s3://safe/ampora/new.dump new.dump";
        assert_eq!(typed(None), plain);
        for (endpoint, asked) in [
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
            ("https://s3.example.org", "https://s3.example.org"),
            ("https://safe.s3.example.org:8443", "https://s3.example.org:8443"),
            (
                "https://somebody:hush@s3.example.org/tenant/",
                "https://s3.example.org/tenant",
            ),
        ] {
            assert_eq!(
                typed(Some(endpoint)),
                format!("{plain} --endpoint-url {asked}"),
                "{endpoint}"
            );
        }
    }
}
