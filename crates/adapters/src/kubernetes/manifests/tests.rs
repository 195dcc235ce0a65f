use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &[u8]) -> Manifests {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.yaml");
    fs::write(&path, text).unwrap();
    Manifests::read(&path).unwrap()
}

#[test]
fn lists_and_several_documents_are_read() {
    let yaml = "kind: List\nitems:\n- {kind: A, metadata: {name: one}}\n---\n# nothing\n---\nkind: A\nmetadata:\n  name: two\n";
    let manifests = read(yaml.as_bytes());
    assert_eq!(
        (manifests.objects.len(), manifests.unread.len()),
        (2, 0),
        "{manifests:?}"
    );
    assert_eq!(manifests.named("A", "two").count(), 1);
    let json = br#"{"kind":"List","items":[{"kind":"A","metadata":{"name":"one"}},7,null]}"#;
    assert_eq!(read(json).named("A", "one").count(), 1);
}

#[test]
fn a_document_that_cant_be_read_leaves_the_earlier_ones() {
    let manifests = read(b"kind: A\nmetadata: {name: one}\n---\nkind: {{ .Values.x }}\n- [\n");
    assert_eq!(
        (manifests.named("A", "one").count(), manifests.unread.len()),
        (1, 1),
        "{manifests:?}"
    );
    assert_eq!(read(b"kind: \xFF\xFE").unread.len(), 1);
    assert_eq!(read(&[b'a'; LARGEST_FILE as usize + 1]).unread.len(), 1);
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (this, before) in ('b'..='j').zip('a'..='i') {
        bomb.push_str(&format!(
            "{this}: &{this} [{}]\n",
            vec![format!("*{before}"); 9].join(",")
        ));
    }
    assert_eq!(read(bomb.as_bytes()).unread.len(), 1);
}

#[test]
fn differences_are_named_by_their_path() {
    let live = json!({ "a": { "b": [1, { "c": "x" }] }, "n": null, "big": 9_007_199_254_740_993_u64 });
    let same = json!({ "big": 9_007_199_254_740_993_u64, "a": { "b": [1, { "c": "x", "d": null }] } });
    assert_eq!(difference(&same, &live, "spec"), None);
    for (at, pointer) in [
        ("spec.a.b[1].c", "/a/b/1/c"),
        ("spec.a.b[0]", "/a/b/0"),
        ("spec.big", "/big"),
    ] {
        let mut other = live.clone();
        *other.pointer_mut(pointer).unwrap() = 9_007_199_254_740_992_u64.into();
        assert_eq!(difference(&other, &live, "spec").as_deref(), Some(at));
    }
    assert_eq!(difference(&json!(null), &live, "spec").as_deref(), Some("spec"));
}

proptest! {
    #[test]
    fn no_manifest_makes_the_parser_panic(text: Vec<u8>, yaml in "[a-z:&*\\-\\[\\]{},|>'\"!%#? \n]{0,200}") {
        let _ = read(&text);
        let manifests = read(yaml.as_bytes());
        let _ = manifests.named("A", "one").count();
    }
}
