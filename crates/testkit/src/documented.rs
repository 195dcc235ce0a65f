//! SQL as the documentation prints it, so that what people copy from there is what was tried.

const SCHEMA: &str = include_str!("../../../docs/ampora-schema.md");

/// The block of SQL in `docs/ampora-schema.md` that begins so.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn sql(begins: &str) -> &'static str {
    let blocks = SCHEMA.split("```sql\n").skip(1);
    let mut blocks = blocks.filter_map(|rest| rest.split("```").next());
    blocks
        .find(|block| block.starts_with(begins))
        .unwrap_or_else(|| panic!("docs/ampora-schema.md prints nothing that begins with {begins}"))
}
