//! The marks. Status is said by shape, fill and word before it is said by colour, so every shape has one meaning and is drawn once, in
//! `sprite.svg`.

use leptos::prelude::*;

/// A shape of the sprite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Outlined disc with a check.
    Ok,
    /// Solid diamond with a cross.
    Broken,
    /// Dashed square with a question mark.
    Unknown,
    /// Dashed square with a dash.
    NotRun,
    /// Empty dashed square.
    Unset,
    /// Disc struck through.
    Off,
    /// Hollow diamond with a dash: the rehearsal room failed, not the backup.
    Environment,
    /// Disc with a dot.
    Expected,
    /// Disc, half filled.
    Running,
    /// Dotted circle.
    Waiting,
    /// Triangle. The severity of a finding, never the status of a fact.
    Warning,
    Info,
    /// A person is needed.
    Person,
    /// A person has decided.
    PersonDone,
    /// A place that is still open.
    PersonOpen,
    /// An arrow against a wall: no way back.
    NoReturn,
    Key,
    /// Four arrows to one point: Muster's own mark.
    Muster,
}

impl Mark {
    pub const ALL: [Self; 18] = [
        Self::Ok,
        Self::Broken,
        Self::Unknown,
        Self::NotRun,
        Self::Unset,
        Self::Off,
        Self::Environment,
        Self::Expected,
        Self::Running,
        Self::Waiting,
        Self::Warning,
        Self::Info,
        Self::Person,
        Self::PersonDone,
        Self::PersonOpen,
        Self::NoReturn,
        Self::Key,
        Self::Muster,
    ];

    /// Reference to the symbol, for `<use href>`.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Ok => "#mark-ok",
            Self::Broken => "#mark-broken",
            Self::Unknown => "#mark-unknown",
            Self::NotRun => "#mark-not-run",
            Self::Unset => "#mark-unset",
            Self::Off => "#mark-off",
            Self::Environment => "#mark-environment",
            Self::Expected => "#mark-expected",
            Self::Running => "#mark-running",
            Self::Waiting => "#mark-waiting",
            Self::Warning => "#mark-warning",
            Self::Info => "#mark-info",
            Self::Person => "#mark-person",
            Self::PersonDone => "#mark-person-done",
            Self::PersonOpen => "#mark-person-open",
            Self::NoReturn => "#mark-no-return",
            Self::Key => "#mark-key",
            Self::Muster => "#mark-muster",
        }
    }
}

/// One mark. Hidden from assistive technology: the word beside it says the same.
#[component]
pub fn StatusMark(mark: Mark) -> impl IntoView {
    view! {
        <svg class="mark" aria-hidden="true" focusable="false">
            <use href=mark.href()></use>
        </svg>
    }
}

/// All marks and the hatch, once per document.
#[component]
pub fn Sprite() -> impl IntoView {
    view! { <div class="sprite" inner_html=include_str!("sprite.svg")></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_drawn_once() {
        let sprite = include_str!("sprite.svg");
        for mark in Mark::ALL {
            let id = format!("<symbol id=\"{}\"", &mark.href()[1..]);
            assert_eq!(sprite.matches(&id).count(), 1, "{id}");
        }
        assert_eq!(sprite.matches("<symbol").count(), Mark::ALL.len());
    }
}
