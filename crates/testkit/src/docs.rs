//! Examples of the documentation, for tests that hold it to its word.

use std::path::Path;

/// A block of code on a page below `docs`, found by the words behind its three backticks, such as `hcl append`.
///
/// # Panics
/// If there is no such page, or not one such block on it.
#[must_use]
pub fn example(page: &str, words: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let opening = format!("\n```{words}\n");
    let mut blocks = text.split(opening.as_str()).skip(1);
    let block = blocks.next().unwrap_or_else(|| panic!("{page} has no block {words:?}"));
    assert!(blocks.next().is_none(), "{page} has two blocks {words:?}");
    let (block, _) = block.split_once("\n```").expect("a block ends");
    block.to_owned()
}
