//! The parts of an envelope as they are written in the configuration: `name:length`, one after the other.

use super::{NONCE, TAG};

/// A part of an envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Scheme,
    KeyId,
    Nonce,
    Tag,
    Ciphertext,
}

/// The parts with their names in the configuration.
const PARTS: [(Part, &str); 5] = [
    (Part::Scheme, "scheme"),
    (Part::KeyId, "key_id"),
    (Part::Nonce, "nonce"),
    (Part::Tag, "tag"),
    (Part::Ciphertext, "ciphertext"),
];

/// A layout that can't be used, in words for whoever wrote the configuration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LayoutError {
    #[error("{0:?} isn't of the form name:length with one of scheme, key_id, nonce, tag, ciphertext")]
    Field(String),
    #[error("{0} is there twice")]
    Twice(&'static str),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("the nonce must have 12 bytes, not {0}")]
    Nonce(usize),
    #[error("the tag must have 16 bytes, not {0}; shorter ones can be forged")]
    Tag(usize),
    #[error("ciphertext takes what is left, so it has no length and there is only one")]
    Ciphertext,
    #[error("{{{0}}} in aad is none of {{table}}, {{column}}, {{id}}, {{tenant}}")]
    Template(String),
}

/// The parts in order with their lengths; of the ciphertext, which takes what is left, 0.
pub(super) fn read(fields: &[String]) -> Result<Vec<(Part, usize)>, LayoutError> {
    let parts = fields.iter().map(|field| one(field)).collect::<Result<Vec<_>, _>>()?;
    check(&parts)?;
    let is_there = |(part, length): &(Part, usize)| *part != Part::KeyId || *length > 0;
    Ok(parts.into_iter().filter(is_there).collect())
}

fn one(field: &str) -> Result<(Part, usize), LayoutError> {
    let error = || LayoutError::Field(field.into());
    let (name, length) = match field.split_once(':') {
        Some((name, length)) => (name, Some(length.parse::<usize>().map_err(|_| error())?)),
        None => (field, None),
    };
    let (part, _) = PARTS.into_iter().find(|(_, known)| *known == name).ok_or_else(error)?;
    match (part, length) {
        (Part::Ciphertext, None | Some(0)) => Ok((part, 0)),
        (Part::Ciphertext, Some(_)) => Err(LayoutError::Ciphertext),
        (Part::KeyId, Some(length @ 0..=64)) | (_, Some(length @ 1..=64)) => Ok((part, length)),
        _ => Err(error()),
    }
}

fn check(parts: &[(Part, usize)]) -> Result<(), LayoutError> {
    for (part, name) in PARTS {
        let needed = matches!(part, Part::Nonce | Part::Tag | Part::Ciphertext);
        match parts.iter().filter(|(listed, _)| *listed == part).count() {
            0 if needed => return Err(LayoutError::Missing(name)),
            0 | 1 => {}
            _ => return Err(LayoutError::Twice(name)),
        }
    }
    for (part, length) in parts {
        match part {
            Part::Nonce if *length != NONCE => return Err(LayoutError::Nonce(*length)),
            Part::Tag if *length != TAG => return Err(LayoutError::Tag(*length)),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses placeholders that nothing would fill in.
pub(super) fn template(template: &str) -> Result<String, LayoutError> {
    for (start, _) in template.match_indices('{') {
        let name: String = template[start + 1..].chars().take_while(|c| *c != '}').collect();
        if !["table", "column", "id", "tenant"].contains(&name.as_str()) {
            return Err(LayoutError::Template(name));
        }
    }
    Ok(template.into())
}
