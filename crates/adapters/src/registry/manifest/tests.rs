use proptest::prelude::*;
use serde_json::json;

use super::*;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

fn read(document: &Value) -> Result<(Manifest, String), ManifestError> {
    parse(document.to_string().as_bytes(), "application/octet-stream")
}

fn entry_for(os: &str, architecture: &str, variant: Option<&str>) -> Value {
    let name = format!("{os}{architecture}{variant:?}");
    json!({ "digest": digest(&name), "size": 5, "platform": { "os": os, "architecture": architecture, "variant": variant, "os.version": 7 } })
}

fn chosen(entries: &[Value], platform: &str) -> Option<Digest> {
    let Ok((Manifest::Index(index), _)) = read(&json!({ "manifests": entries })) else {
        panic!("an index")
    };
    index
        .image_for(&platform.parse().expect("a platform"))
        .map(|found| found.digest.clone())
}

#[test]
fn an_index_is_read_whatever_else_is_in_it() {
    let document = json!({
        "annotations": { "x": [1, 2, { "y": null }] }, "schemaVersion": 2, "mediaType": INDEX, "artifactType": null,
        "manifests": [entry_for("linux", "amd64", None), { "digest": "sha256:12" }, 7, null, { "digest": digest("attestation"), "size": -1 }],
    });
    let (manifest, media_type) = read(&document).expect("is read");
    let Manifest::Index(index) = manifest else {
        panic!("{manifest:?}")
    };
    assert_eq!((media_type.as_str(), index.entries.len(), index.unread), (INDEX, 2, 3));
    assert_eq!(index.entries[1].descriptor.size, None, "a negative size is none");
    assert!(index.is_vague());
}

#[test]
fn the_image_of_the_platform_in_use_is_chosen() {
    let (amd64, v2) = (
        entry_for("linux", "amd64", None),
        entry_for("linux", "amd64", Some("v2")),
    );
    let (arm, v7, v8) = (
        entry_for("linux", "arm64", None),
        entry_for("linux", "arm", Some("v7")),
        entry_for("linux", "arm64", Some("v8")),
    );
    let windows = entry_for("windows", "amd64", None);
    let of = |entry: &Value| entry["digest"].as_str().map(|digest| digest.parse().expect("a digest"));
    for (entries, platform, expected) in [
        (vec![&windows, &v2, &amd64], "linux/amd64", Some(&amd64)),
        (vec![&windows, &v2], "linux/amd64", Some(&v2)),
        (vec![&amd64], "linux/amd64/v2", None),
        (vec![&v7, &arm], "linux/arm64/v8", Some(&arm)),
        (vec![&v7, &v8], "linux/arm64", Some(&v8)),
        (vec![&v7], "linux/arm", Some(&v7)),
        (vec![&windows, &v7], "linux/amd64", None),
    ] {
        let entries: Vec<_> = entries.into_iter().cloned().collect();
        assert_eq!(
            chosen(&entries, platform),
            expected.and_then(of),
            "{platform} of {entries:?}"
        );
    }
}

#[test]
fn an_image_is_read_whichever_way_it_calls_itself() {
    let document = json!({
        "schemaVersion": 2, "config": { "mediaType": IMAGE_CONFIGS[1], "digest": digest("config"), "size": 3 },
        "layers": [
            { "digest": digest("layer"), "size": u64::MAX, "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
              "urls": ["https://cdn.example.org/layer", 5] },
            { "digest": "blake3:00", "size": 4 },
        ],
    });
    let (manifest, media_type) = read(&document).expect("is read");
    let Manifest::Image(image) = manifest else {
        panic!("{manifest:?}")
    };
    assert!(image.is_runnable());
    assert_eq!(
        (media_type.as_str(), image.unread, image.layers.len()),
        ("application/octet-stream", 1, 1)
    );
    assert_eq!(image.layers[0].size, Some(u64::MAX));
    assert_eq!(image.layers[0].urls, ["https://cdn.example.org/layer"]);
}

#[test]
fn ten_thousand_layers_are_read() {
    let layer = |number: u32| json!({ "digest": digest(&number.to_string()), "size": number });
    let layers: Vec<_> = (0..10_000).map(layer).collect();
    let document = json!({ "config": { "digest": digest("config") }, "layers": layers });
    let Ok((Manifest::Image(image), _)) = read(&document) else {
        panic!("an image")
    };
    assert_eq!((image.layers.len(), image.unread), (10_000, 0));
}

#[test]
fn what_is_no_manifest_is_named() {
    let page = b"\n<!DOCTYPE html><html><body>Sign in</body></html>";
    for (body, words) in [
        (page.as_slice(), "a web page"),
        (b"", "nothing"),
        (b"\xff\xfe{", "3 bytes that can’t be read as one"),
    ] {
        let error = parse(body, "text/html\n\n").expect_err("no manifest").to_string();
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn the_first_format_and_mixtures_are_refused() {
    let first = json!({ "schemaVersion": 1, "name": "ampora/web", "fsLayers": [{ "blobSum": digest("layer") }], "signatures": [] });
    assert_eq!(read(&first), Err(ManifestError::Schema1));
    let both = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [], "layers": [], "config": {} });
    assert_eq!(read(&both), Err(ManifestError::Ambiguous));
    for without in [
        json!({}),
        json!({ "manifests": 5 }),
        json!({ "layers": {} }),
        json!({ "manifests": null }),
    ] {
        assert_eq!(read(&without), Err(ManifestError::NoContents), "{without}");
    }
    for config in [json!(null), json!({}), json!({ "digest": "sha256:0" })] {
        let found = read(&json!({ "layers": [], "config": config }));
        assert!(matches!(found, Err(ManifestError::Config(_))), "{found:?}");
    }
}

#[test]
fn a_config_names_its_platform() {
    let body = json!({ "architecture": "arm64", "os": "linux", "variant": "v8", "rootfs": {} }).to_string();
    assert_eq!(platform_of_config(body.as_bytes()), "linux/arm64/v8".parse().ok());
    assert_eq!(platform_of_config(br#"{"architecture":"","os":"linux"}"#), None);
    assert_eq!(platform_of_config(b"[]"), None);
}

proptest! {
    #[test]
    fn no_body_panics(body: Vec<u8>, content_type: String) {
        let _ = (parse(&body, &content_type), platform_of_config(&body));
    }

    #[test]
    fn one_changed_byte_never_panics(at in 0usize..600, byte: u8) {
        let document = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "config": { "mediaType": IMAGE_CONFIGS[0], "digest": digest("config"), "size": 2 },
            "layers": [{ "digest": digest("layer"), "size": 9_007_199_254_740_993_u64, "urls": [] }], "manifests": null,
        });
        let mut body = document.to_string().into_bytes();
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
        if let Ok((Manifest::Index(index), _)) = parse(&body, IMAGE) {
            let _ = (index.image_for(&Platform::default()), index.is_vague());
        }
    }
}
