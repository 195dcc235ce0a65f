//! Pages that can't be shown, each with what happened, what is unharmed and what to do next.

use axum::http::StatusCode;
use leptos::prelude::*;
use recovery::{Error, StoreError};

use crate::components::{QuotedBlock, Sprite, visible};

/// Why a page isn't shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub title: String,
    /// What it means.
    pub text: String,
    /// What somebody else's system said, word for word.
    pub said: Option<String>,
    /// Where to go on.
    pub back: (String, &'static str),
}

impl Problem {
    #[must_use]
    pub fn new(status: StatusCode, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            text: text.into(),
            said: None,
            back: ("/".into(), "Overview"),
        }
    }

    /// No page has this address.
    #[must_use]
    pub fn no_page() -> Self {
        let text = "The address is mistyped, or what it named is gone. Nothing was changed.";
        Self::new(StatusCode::NOT_FOUND, "There is no such page.", text)
    }

    #[must_use]
    pub fn back(mut self, href: impl Into<String>, label: &'static str) -> Self {
        self.back = (href.into(), label);
        self
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let said = error.to_string();
        match error {
            Error::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "Your role doesn’t allow this page.", said),
            Error::NotFound(_) => Self::new(
                StatusCode::NOT_FOUND,
                said,
                "The address is mistyped, or it was never there: Muster removes nothing that people made.",
            ),
            Error::Store(StoreError::Inconsistent { .. }) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "A record contradicts itself, so it isn’t shown.",
                said,
            ),
            Error::Store(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "This page can’t be shown now.", said),
            Error::Provider(cause) => Self {
                said: Some(cause.to_string()),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Nobody can sign in now.", said)
            },
            Error::Unavailable(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "This can’t be done now.", said),
            Error::Invalid(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This can’t be done as it stands.",
                said,
            ),
            Error::Refused(_) | Error::Login(_) | Error::Stale(_) | Error::Evidence(_) => {
                Self::new(StatusCode::CONFLICT, "Refused.", said)
            }
        }
    }
}

/// The problem in place of the page.
#[component]
pub fn ProblemGate(problem: Problem) -> impl IntoView {
    let Problem {
        status,
        title,
        text,
        said,
        back,
    } = problem;
    view! {
        <section class="gate">
            <p class="figure">{status.as_u16()}</p>
            <h1 class="say small">{visible(&title)}</h1>
            <p>{visible(&text)}</p>
            {said.map(|said| view! { <QuotedBlock text=said /> })}
            <p class="actions">
                <a class="button" href="">"Try again"</a>
                <a class="button quiet" href=back.0>{back.1}</a>
            </p>
        </section>
    }
}

/// An answer to a form that is no page: a whole document without a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Folder of the style sheet, as in `LeptosOptions`.
    pub site_pkg_dir: String,
    pub title: String,
    pub paragraphs: Vec<String>,
    /// Where to go on: address and words.
    pub back: Option<(String, String)>,
}

/// The document of a notice.
#[must_use]
pub fn notice(notice: Notice) -> String {
    let Notice {
        site_pkg_dir,
        title,
        paragraphs,
        back,
    } = notice;
    let sheet = format!("/{site_pkg_dir}/muster.css");
    let window = format!("{title} · Muster");
    let paragraphs: Vec<_> = paragraphs.iter().map(|text| view! { <p>{visible(text)}</p> }).collect();
    let back = back.map(|(href, label)| view! { <p class="actions"><a class="button" href=href>{label}</a></p> });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=sheet />
                <title>{escaped(&window)}</title>
            </head>
            <body>
                <Sprite />
                <main class="page" id="main">
                    <section class="gate">
                        <p class="figure"><a href="/">"Muster"</a></p>
                        <h1 class="say small">{visible(&title)}</h1>
                        {paragraphs}
                        {back}
                    </section>
                </main>
            </body>
        </html>
    }
    .to_html()
}

/// For the one element whose text the renderer leaves as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_escapes_what_it_quotes() {
        let html = notice(Notice {
            site_pkg_dir: "pkg/0123".into(),
            title: "No <script>".into(),
            paragraphs: vec!["name \u{202e}gnp.exe & <b>".into()],
            back: Some(("/requests/1\"><script>".into(), "Back <i>".into())),
        });
        assert!(
            !html.contains("<script>") && !html.contains("<b>") && !html.contains("<i>"),
            "{html}"
        );
        assert!(
            html.contains("U+202E") && html.contains("/pkg/0123/muster.css"),
            "{html}"
        );
    }
}
