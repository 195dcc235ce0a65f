//! A site in a temporary folder, published to again and again.

use super::*;
use std::io::Read as _;

fn publish(site: &Site, script: &str) -> Published {
    let staging = site.stage().unwrap();
    fs::create_dir(staging.join("snippets")).unwrap();
    fs::write(staging.join("snippets/inline.js"), "export {}").unwrap();
    fs::write(staging.join("muster.js"), script).unwrap();
    site.publish(&staging, &format!("inputs of {script}")).unwrap()
}

fn folders(site: &Site) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(site.root.join("pkg"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn sorted<const N: usize>(mut names: [String; N]) -> Vec<String> {
    names.sort();
    names.into()
}

#[test]
fn the_same_content_has_the_same_hash_anywhere() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = publish(&Site::open(one.path().into()).unwrap(), "a");
    let second = publish(&Site::open(two.path().into()).unwrap(), "a");
    assert_eq!(first.hash, second.hash);
    assert_eq!(first.hash.len(), 16);
}

#[test]
fn the_folder_before_stays_and_older_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::open(folder.path().into()).unwrap();
    let first = publish(&site, "a").hash;
    let second = publish(&site, "b").hash;
    assert_eq!(folders(&site), sorted([first, second.clone()]));
    let third = publish(&site, "c").hash;
    assert_eq!(folders(&site), sorted([second.clone(), third.clone()]));
    assert_eq!(publish(&site, "c").hash, third, "publishing the same again");
    assert_eq!(folders(&site), sorted([second, third.clone()]), "drops nothing");
    assert_eq!(fs::read_to_string(folder.path().join("current")).unwrap(), third);
}

#[test]
fn a_bundle_is_reused_only_for_its_own_inputs_and_only_while_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::open(folder.path().into()).unwrap();
    assert_eq!(site.made_from("inputs of a"), None);
    let hash = publish(&site, "a").hash;
    assert_eq!(site.made_from("inputs of a"), Some(hash.clone()));
    assert_eq!(site.made_from("inputs of b"), None);
    fs::remove_dir_all(site.folder(&hash)).unwrap();
    assert_eq!(site.made_from("inputs of a"), None);
}

#[test]
fn every_file_has_copies_that_unpack_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::open(folder.path().into()).unwrap();
    let script = "export const answer = 42;\n".repeat(100);
    let place = site.folder(&publish(&site, &script).hash);

    let mut unpacked = String::new();
    let gzip = File::open(place.join("muster.js.gz")).unwrap();
    flate2::read::GzDecoder::new(gzip)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, script);

    let mut unpacked = Vec::new();
    let mut brotli = File::open(place.join("muster.js.br")).unwrap();
    brotli::BrotliDecompress(&mut brotli, &mut unpacked).unwrap();
    assert_eq!(unpacked, script.as_bytes());
    assert!(place.join("snippets/inline.js.br").is_file());
}

#[test]
fn the_fingerprint_follows_every_input() {
    let folder = tempfile::tempdir().unwrap();
    let style = folder.path().join("style");
    fs::create_dir(&style).unwrap();
    let module = folder.path().join("frontend.wasm");
    fs::write(&module, "one").unwrap();
    let print = || fingerprint(&[&module, &style]).unwrap();

    let before = print();
    assert_eq!(print(), before);
    fs::write(style.join("tokens.css"), ":root{}").unwrap();
    let with_style = print();
    assert_ne!(with_style, before);
    fs::write(&module, "two").unwrap();
    assert_ne!(print(), with_style);
}
