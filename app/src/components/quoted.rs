//! Text from outside: labels, errors, reasons, lines of a log. It is shown as plain text, and what is invisible in it is made visible,
//! since a label that reorders the characters around it can make a plan read like another plan.

use leptos::prelude::*;

/// What a text consists of, for showing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Plain(String),
    /// A control, a zero-width character or a change of direction.
    Hidden(char),
    /// The word that stands where a secret was.
    Redacted,
}

/// What the adapters write in place of a secret.
const REDACTED: &str = "redacted";

/// Characters that show nothing and change how others are read: controls but line feed and tab, soft hyphen, zero-width and bidirectional
/// ones, line separators, variation selectors and tags (Unicode 16, general categories Cc, Cf, Zl, Zp, and U+FE00 to U+FE0F).
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Takes a text apart. The plain pieces and the hidden characters, in order, are the whole text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in text.split_inclusive(is_hidden) {
        let (plain, hidden) = match part.chars().next_back() {
            Some(last) if is_hidden(last) => (&part[..part.len() - last.len_utf8()], Some(last)),
            _ => (part, None),
        };
        for (index, between) in plain.split(REDACTED).enumerate() {
            if index > 0 {
                pieces.push(Piece::Redacted);
            }
            if !between.is_empty() {
                pieces.push(Piece::Plain(between.into()));
            }
        }
        pieces.extend(hidden.map(Piece::Hidden));
    }
    pieces
}

/// The pieces as elements, to be put where the text belongs.
#[must_use]
pub fn visible(text: &str) -> Vec<AnyView> {
    pieces(text).into_iter().map(show).collect()
}

fn show(piece: Piece) -> AnyView {
    match piece {
        Piece::Plain(text) => text.into_any(),
        Piece::Hidden(c) => {
            let code = format!("U+{:04X}", u32::from(c));
            view! { <span class="hidden-character" title="invisible character">{code}</span> }.into_any()
        }
        Piece::Redacted => view! { <span class="redacted">{REDACTED}</span> }.into_any(),
    }
}

/// A short text from outside, in quotation marks.
#[component]
pub fn QuotedText(#[prop(into)] text: String) -> impl IntoView {
    view! { <bdi class="quoted">{visible(&text)}</bdi> }
}

/// What a tool or a system said, whole and with its line breaks.
#[component]
pub fn QuotedBlock(#[prop(into)] text: String) -> impl IntoView {
    view! { <pre class="quoted-block" tabindex="0"><bdi>{visible(&text)}</bdi></pre> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Piece {
        Piece::Plain(text.into())
    }

    #[test]
    fn a_reversed_label_shows_what_reverses_it() {
        assert_eq!(
            pieces("dump\u{202e}exe.\u{2069}"),
            [
                plain("dump"),
                Piece::Hidden('\u{202e}'),
                plain("exe."),
                Piece::Hidden('\u{2069}')
            ]
        );
    }

    #[test]
    fn escape_sequences_of_terminals_are_seen_and_line_breaks_stay() {
        assert_eq!(
            pieces("\u{1b}[31mred\nnext"),
            [Piece::Hidden('\u{1b}'), plain("[31mred\nnext")]
        );
    }

    #[test]
    fn scripts_that_need_no_help_are_left_alone() {
        for text in ["", "ampora-2026", "größer", "日本語", "שלום", "e\u{301}"] {
            assert!(
                pieces(text).iter().all(|piece| matches!(piece, Piece::Plain(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn the_place_of_a_secret_is_a_bar() {
        assert_eq!(
            pieces("password=redacted;"),
            [plain("password="), Piece::Redacted, plain(";")]
        );
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        let html = view! { <QuotedText text="<b onclick=x>&amp;\u{200b}" /> }.to_html();
        assert!(html.contains("&lt;b onclick=x&gt;&amp;amp;"), "{html}");
        assert!(html.contains(">U+200B"), "{html}");
    }
}
