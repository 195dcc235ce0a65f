//! Answers in XML as a tree that can be asked for what it holds. AWS adds elements without notice, leaves empty ones out and doesn't promise
//! their order, so nothing in here depends on any of that.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Answers of AWS are six deep. Dropping a tree recurses, so depth needs an end.
const DEEPEST: usize = 64;
/// A page of a hundred snapshots has four thousand.
const MOST_ELEMENTS: usize = 500_000;

/// Bytes that are no XML document.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum XmlError {
    #[error("it is no XML ({0})")]
    Malformed(String),
    #[error("it ends in the middle")]
    CutOff,
    #[error("it is nested more than {DEEPEST} deep or has more than {MOST_ELEMENTS} elements")]
    TooMuch,
}

/// One element. Attributes and namespaces say nothing in AWS's answers and are left out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Node {
    pub name: String,
    /// Its own text, without that of its children.
    pub text: String,
    pub children: Vec<Self>,
}

impl Node {
    /// Reads a document; bytes that aren't UTF-8 are replaced.
    ///
    /// # Errors
    /// If it is no XML, is cut off, or is beyond all measure.
    pub fn parse(answer: &[u8]) -> Result<Self, XmlError> {
        let text = String::from_utf8_lossy(answer);
        let mut reader = Reader::from_str(&text);
        // A message with a bare `&` is still a message.
        reader.config_mut().allow_dangling_amp = true;
        let mut open: Vec<Self> = Vec::new();
        let mut elements = 0;
        loop {
            let event = reader
                .read_event()
                .map_err(|error| XmlError::Malformed(error.to_string()))?;
            if matches!(event, Event::Start(_) | Event::Empty(_)) {
                elements += 1;
                if open.len() >= DEEPEST || elements > MOST_ELEMENTS {
                    return Err(XmlError::TooMuch);
                }
            }
            let closed = match event {
                Event::Start(start) => {
                    open.push(Self::named(start.local_name().as_ref()));
                    None
                }
                Event::Empty(start) => Some(Self::named(start.local_name().as_ref())),
                Event::End(_) => open.pop(),
                Event::Text(text) => Self::append(&mut open, &String::from_utf8_lossy(&text)),
                Event::CData(text) => Self::append(&mut open, &String::from_utf8_lossy(&text)),
                Event::GeneralRef(reference) => Self::append(&mut open, &resolved(&reference)),
                Event::Eof => return Err(XmlError::CutOff),
                _ => None,
            };
            match (closed, open.last_mut()) {
                (Some(node), Some(parent)) => parent.children.push(node),
                (Some(root), None) => return Ok(root),
                (None, _) => {}
            }
        }
    }

    fn named(name: &[u8]) -> Self {
        Self {
            name: String::from_utf8_lossy(name).into_owned(),
            ..Self::default()
        }
    }

    /// Closes nothing.
    fn append(open: &mut [Self], text: &str) -> Option<Self> {
        open.last_mut()?.text.push_str(text);
        None
    }

    /// The first child of this name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Text of the first child of this name. White space alone is no text.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let text = self.child(name)?.text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The same, read as what it should be. `None` also if it is something else.
    #[must_use]
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.value(name)?.parse().ok()
    }

    /// This element or the first one of this name beneath it: results are wrapped in elements that say nothing.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// The character that `&…;` stands for. A reference that only a document type could explain stays as it is.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = String::from_utf8_lossy(reference).into_owned();
    match name.as_str() {
        "amp" => "&".into(),
        "lt" => "<".into(),
        "gt" => ">".into(),
        "quot" => "\"".into(),
        "apos" => "'".into(),
        _ => format!("&{name};"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_found_wherever_they_stand() {
        let answer =
            br#"<?xml version="1.0"?><!-- new --><R xmlns="urn:x"><Added/><Result><List><Item><Id> a&amp;b&#x21;
            </Id></Item><Item/></List></Result></R>"#;
        let root = Node::parse(answer).unwrap();
        let list = root.find("List").unwrap();
        assert_eq!(list.children.len(), 2);
        assert_eq!(list.children[0].value("Id"), Some("a&b!"));
        assert_eq!(root.value("Added"), None);
        assert_eq!(root.find("Absent"), None);
    }

    #[test]
    fn what_is_cut_off_or_no_xml_is_said_so() {
        assert_eq!(Node::parse(b"<R><List>"), Err(XmlError::CutOff));
        assert_eq!(Node::parse(b""), Err(XmlError::CutOff));
        assert_eq!(Node::parse(b"service unavailable"), Err(XmlError::CutOff));
        assert!(matches!(
            Node::parse(b"<!doctype html><title>500</title><p>sorry</div>"),
            Ok(Node { .. }) | Err(XmlError::Malformed(_))
        ));
        assert_eq!(Node::parse("<a>".repeat(100_000).as_bytes()), Err(XmlError::TooMuch));
        assert_eq!(
            Node::parse(format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS)).as_bytes()),
            Err(XmlError::TooMuch)
        );
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = br#"<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>"#;
        assert_eq!(Node::parse(bomb).unwrap().text, "&b;");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Node::parse(&bytes);
        }

        #[test]
        fn no_markup_makes_it_panic(text in "[<>/&;!?a-c\\[\\]\"= -]{0,200}") {
            let _ = Node::parse(text.as_bytes());
        }
    }
}
