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
