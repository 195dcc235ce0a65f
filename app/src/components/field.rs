//! Form fields: a label that stays, a hint, and an error that names the value and what to do.

use leptos::prelude::*;

use super::mark::{Mark, StatusMark};

/// Ids of what describes a field, for `aria-describedby`.
#[must_use]
pub fn described_by(name: &str, hint: Option<&str>, error: Option<&str>) -> Option<String> {
    let ids: Vec<_> = [(hint, "hint"), (error, "error")]
        .into_iter()
        .filter(|(text, _)| text.is_some())
        .map(|(_, kind)| format!("{name}-{kind}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Hint and error below a field.
#[component]
pub fn Notes(name: &'static str, hint: Option<String>, error: Option<String>) -> impl IntoView {
    view! {
        {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
        {error.map(|error| view! {
            <p class="error" id=format!("{name}-error")>
                <StatusMark mark=Mark::Broken />
                <span>{error}</span>
            </p>
        })}
    }
}

/// A field of one line. The name is also its id.
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional_no_strip, into)] error: Option<String>,
    /// `text`, `search`, `number`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] required: bool,
    /// Takes twice the room among filters.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let described = described_by(name, hint.as_deref(), error.as_deref());
    let invalid = error.is_some().then_some("true");
    view! {
        <div class=if wide { "field wide" } else { "field" }>
            <label for=name>{label}</label>
            <input
                id=name name=name type=kind value=value placeholder=placeholder required=required
                autocomplete="off" spellcheck="false" aria-describedby=described aria-invalid=invalid
            />
            <Notes name hint error />
        </div>
    }
}

/// One value of several: as it is sent, and as it is called.
pub type Choice = (String, String);

/// A list to choose from.
#[component]
pub fn SelectField(
    name: &'static str,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    /// The chosen value.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional_no_strip, into)] error: Option<String>,
    /// Where the page has another field of this name.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let id = id.unwrap_or(name);
    let described = described_by(name, hint.as_deref(), error.as_deref());
    let invalid = error.is_some().then_some("true");
    let options: Vec<_> = choices
        .into_iter()
        .map(|(sent, called)| view! { <option value=sent.clone() selected=sent == value>{called}</option> })
        .collect();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id name=name aria-describedby=described aria-invalid=invalid>{options}</select>
            <Notes name hint error />
        </div>
    }
}

/// A choice that needs a sentence each: radio buttons, all in sight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    pub value: String,
    pub called: String,
    /// What follows from choosing it.
    pub about: String,
}

/// One of a few, each explained. Nothing is chosen beforehand unless `value` says so.
#[component]
pub fn RadioField(
    name: &'static str,
    #[prop(into)] label: String,
    choices: Vec<Explained>,
    #[prop(optional, into)] value: String,
    #[prop(optional_no_strip, into)] error: Option<String>,
) -> impl IntoView {
    let rows: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            let checked = choice.value == value;
            view! {
                <label>
                    <input type="radio" name=name value=choice.value checked=checked required=true />
                    <span>{choice.called}<span class="sub">{choice.about}</span></span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend>{label}</legend>
            <div class="choices">{rows}</div>
            <Notes name hint=None error />
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_tied_to_its_field() {
        let error = Some("ampora exists. Choose a name that is free.".to_string());
        let html = view! { <TextField name="target" label="New database" value="\"><script>" error /> }.to_html();
        assert!(html.contains("aria-describedby=\"target-error\""), "{html}");
        assert!(html.contains("id=\"target-error\""), "{html}");
        assert!(html.contains("aria-invalid=\"true\""), "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }
}
