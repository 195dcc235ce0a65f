//! The only place where a `textarea` is written. Leptos does not escape the children of elements whose content is raw text, so whatever a
//! person typed would be read as markup when the form comes back.

use leptos::prelude::*;

use super::field::{Notes, described_by};

/// A field of several lines.
#[component]
pub fn TextArea(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional_no_strip, into)] error: Option<String>,
) -> impl IntoView {
    let described = described_by(name, hint.as_deref(), error.as_deref());
    let invalid = error.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea id=name name=name placeholder=placeholder aria-describedby=described aria-invalid=invalid>
                {content(&value)}
            </textarea>
            <Notes name hint error />
        </div>
    }
}

/// The text as the parser of a browser reads it back: references for what ends or opens something, and one line feed in front, because
/// the first one after the tag is dropped.
fn content(value: &str) -> String {
    format!("\n{}", value.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_comes_back_as_text() {
        let typed = "\n</textarea><script>alert(1)</script> & &amp;";
        let html = view! { <TextArea name="note" label="Note" value=typed /> }.to_html();
        let written = html
            .split_once("<textarea")
            .and_then(|(_, rest)| rest.split_once('>'))
            .map(|(_, rest)| rest);
        let written = written
            .and_then(|rest| rest.split_once("</textarea>"))
            .map(|(content, _)| content);
        assert_eq!(
            written,
            Some("\n\n&lt;/textarea>&lt;script>alert(1)&lt;/script> &amp; &amp;amp;")
        );
    }
}
