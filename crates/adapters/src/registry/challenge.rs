//! `WWW-Authenticate`: how a registry wants to be asked. Read leniently, since registries and what stands in front of them write it in
//! many ways. Format: <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>

/// One way to authenticate.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The challenges of one header, in order.
    pub(super) fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = header;
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c == '=' || c.is_whitespace());
            if rest.is_empty() {
                return challenges;
            }
            let end = rest.find(|c: char| c == ',' || c == '=' || c.is_whitespace());
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            rest = behind;
            match (behind.trim_start().strip_prefix('='), challenges.last_mut()) {
                (Some(value), Some(challenge)) => {
                    let (value, behind) = value_at(value.trim_start());
                    challenge.parameters.push((word.to_ascii_lowercase(), value));
                    rest = behind;
                }
                // A parameter of nothing.
                (Some(_), None) => {}
                (None, _) => challenges.push(Self {
                    scheme: word.to_ascii_lowercase(),
                    parameters: Vec::new(),
                }),
            }
        }
    }

    /// Whether it is of this scheme, in lower case.
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme == scheme
    }

    /// The parameter of this name, in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The value that the text begins with, and what is behind it. Quotes may be missing or never end.
fn value_at(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests;
