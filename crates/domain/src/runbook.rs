//! The runbook as a document: what is known, what is to be done, in which words. Made from facts of the day, shown by the console, written
//! to a file for the day when the console is gone too. It holds no secret: keys by fingerprint, passwords not at all.

use crate::time::Timestamp;

/// Of one deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Runbook {
    pub deployment: String,
    pub made_at: Timestamp,
    /// The version of Muster that made it.
    pub version: String,
    pub sections: Vec<Section>,
}

/// One chapter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Anchor inside the document.
    pub id: &'static str,
    pub title: String,
    pub blocks: Vec<Block>,
}

/// A part of a chapter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    Text(String),
    /// What goes wrong here, and what keeps it from happening.
    Trap(String),
    Facts(Vec<Fact>),
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    },
    Steps(Vec<Step>),
}

/// A name with what is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    pub name: String,
    /// Or why it isn't known.
    pub value: Result<String, String>,
}

impl Fact {
    pub fn known(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Ok(value.into()),
        }
    }

    pub fn unknown(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: Err(why.into()),
        }
    }
}

/// One thing to do, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub title: String,
    pub detail: String,
    /// Each in a shell, as it stands.
    pub commands: Vec<String>,
}

impl Step {
    pub fn told(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            detail: detail.into(),
            commands: Vec::new(),
        }
    }

    #[must_use]
    pub fn by(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }
}

impl Section {
    pub fn new(id: &'static str, title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self {
            id,
            title: title.into(),
            blocks,
        }
    }
}

impl Runbook {
    /// What isn't known, with the section that would say it.
    #[must_use]
    pub fn unknown(&self) -> Vec<(&str, &Fact)> {
        let mut found = Vec::new();
        for section in &self.sections {
            for block in &section.blocks {
                if let Block::Facts(facts) = block {
                    let silent = facts.iter().filter(|fact| fact.value.is_err());
                    found.extend(silent.map(|fact| (section.title.as_str(), fact)));
                }
            }
        }
        found
    }
}
