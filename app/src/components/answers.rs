//! The four questions that Muster exists for, on every page.

use leptos::prelude::*;

use super::status::{StatusWord, Word};

/// What is asked, in this order.
pub const QUESTIONS: [&str; 4] = [
    "What comes back",
    "How fast",
    "Does the key open it",
    "Who may press the button",
];

/// One answer with its grounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub word: Word,
    pub says: String,
    /// Age and source, or why it is unknown.
    pub grounds: String,
}

/// The strip below the masthead. The Overview says the same in a sentence and goes without.
#[component]
pub fn Answers(answers: [Answer; 4]) -> impl IntoView {
    let rows: Vec<_> = QUESTIONS
        .into_iter()
        .zip(answers)
        .map(|(question, answer)| {
            view! {
                <div>
                    <dt>{question}</dt>
                    <dd><StatusWord word=answer.word text=answer.says /></dd>
                    <dd>{answer.grounds}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <section class="answers" id="answers" aria-label="If it were all lost now" data-live="">
            <dl>{rows}</dl>
        </section>
    }
}
