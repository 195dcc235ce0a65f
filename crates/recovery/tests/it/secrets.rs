//! What must not hold a key of these tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use testkit::secrets::Search;

use crate::site::{Site, master_key};

pub use testkit::secrets::{heard, listen};

/// No row, log line, panic or argument holds a key, or any of `also`, which is base64.
pub async fn nothing_is_kept(site: &Site, also: &[&str]) {
    let keys = (1..=9).map(|number| master_key(number).expose().to_vec());
    let also = also.iter().map(|text| STANDARD.decode(text).expect("base64"));
    Search::of(keys.chain(also)).nothing_kept(&site.own).await;
}

/// No row, log line, panic or argument holds these words.
pub async fn words_are_kept_nowhere(site: &Site, words: &str) {
    Search::of_words(words).nothing_kept(&site.own).await;
}
