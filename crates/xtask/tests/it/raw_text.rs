//! Values inside tags whose children Leptos doesn't escape are found; what looks similar is left alone.

use xtask::raw_text::unescaped_children;

#[test]
fn a_value_in_a_text_area_is_found_with_its_line() {
    let source = "view! {\n    <p>{name}</p>\n    <textarea name=\"reason\">{reason}</textarea>\n}";
    assert_eq!(unescaped_children(source), [3]);
}

#[test]
fn attributes_do_not_hide_the_child_and_are_not_mistaken_for_one() {
    let hidden = "<textarea on:input=move |event| { if a > b { set(event) } } maxlength={80}>{text}</textarea>";
    assert_eq!(unescaped_children(hidden), [1]);
    assert!(unescaped_children("<script nonce={nonce} src=format!(\"{root}/a.js\")></script>").is_empty());
    assert!(unescaped_children("<textarea name={name} prop:value=move || value.get() />").is_empty());
}

#[test]
fn every_one_of_the_four_tags_counts() {
    for tag in ["textarea", "script", "style", "noscript"] {
        assert_eq!(unescaped_children(&format!("<{tag}>{{value}}</{tag}>")), [1], "{tag}");
    }
}

#[test]
fn literal_text_comments_and_longer_names_are_fine() {
    assert!(unescaped_children("<noscript>\"The page works without script.\"</noscript>").is_empty());
    assert!(unescaped_children("/// Like <style>{css}</style>, but safe.").is_empty());
    assert!(unescaped_children("<script-log>{lines}</script-log>").is_empty());
}

#[test]
fn a_tag_that_is_closed_elsewhere_is_not_trusted() {
    assert_eq!(unescaped_children("<style>"), [1]);
}
