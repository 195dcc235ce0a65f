//! Leptos 0.8 writes the children of `<textarea>`, `<script>`, `<style>` and `<noscript>` into the page without escaping
//! them, so a value there is a hole. One component escapes and may hold a text area; nobody else may put values there.

/// The component that escapes.
pub const ESCAPING_COMPONENT: &str = "app/src/components/text_area.rs";

const TAGS: [&str; 4] = ["textarea", "script", "style", "noscript"];

/// Line numbers, from 1, at which one of the tags has a child that isn't literal text.
pub fn unescaped_children(source: &str) -> Vec<usize> {
    let mut lines: Vec<_> = TAGS
        .iter()
        .flat_map(|tag| openings(source, tag).filter(|rest| has_dynamic_child(rest, tag)))
        .map(|rest| source[..source.len() - rest.len()].matches('\n').count() + 1)
        .collect();
    lines.sort_unstable();
    lines
}

/// The text after each `<tag` of code; comments don't count.
fn openings<'a>(source: &'a str, tag: &str) -> impl Iterator<Item = &'a str> {
    let opening = format!("<{tag}");
    let found: Vec<_> = source
        .match_indices(&opening)
        .map(|(at, opening)| (at, &source[at + opening.len()..]))
        .collect();
    found.into_iter().filter_map(move |(at, rest)| {
        let line = source[..at].rsplit('\n').next().unwrap_or_default();
        let is_comment = line.trim_start().starts_with("//");
        let is_longer_name = rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_');
        (!is_comment && !is_longer_name).then_some(rest)
    })
}

fn has_dynamic_child(rest: &str, tag: &str) -> bool {
    let Some(children) = after_opening_tag(rest) else {
        return false;
    };
    match children.find(&format!("</{tag}")) {
        Some(end) => children[..end].contains('{'),
        None => true,
    }
}

/// What follows the `>` of the opening tag; `None` if it closes itself. A `>` inside quotes, brackets, `->` or `=>` belongs
/// to an attribute.
fn after_opening_tag(rest: &str) -> Option<&str> {
    let (mut depth, mut quoted, mut before) = (0_usize, false, ' ');
    for (at, sign) in rest.char_indices() {
        match sign {
            '"' if before != '\\' => quoted = !quoted,
            _ if quoted => {}
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            '>' if depth == 0 && before == '/' => return None,
            '>' if depth == 0 && before != '-' && before != '=' => return Some(&rest[at + 1..]),
            _ => {}
        }
        before = sign;
    }
    None
}
