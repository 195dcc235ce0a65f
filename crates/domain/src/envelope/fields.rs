//! The parts of an envelope as they are written in the configuration: `name:length`, one after the other; of the scheme its bytes too,
//! `scheme:length=hex`, where they aren't those that Muster expects.

use super::{AES_256_GCM, NONCE, TAG};

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
    #[error("{0:?}: the bytes behind = are hex, as many as the scheme has")]
    Scheme(String),
    #[error("{{{0}}} in aad is none of {{table}}, {{column}}, {{id}}, {{tenant}}")]
    Template(String),
}

/// What stands in an envelope.
pub(super) struct Parts {
    /// In order with their lengths; of the ciphertext, which takes what is left, 0.
    pub list: Vec<(Part, usize)>,
    /// The bytes of the scheme, where they are configured.
    pub scheme: Option<Vec<u8>>,
}

pub(super) fn read(fields: &[String]) -> Result<Parts, LayoutError> {
    let (mut list, mut scheme) = (Vec::new(), None);
    for field in fields {
        let (part, value) = field
            .split_once('=')
            .map_or((&**field, None), |(part, value)| (part, Some(value)));
        let (part, length) = one(part).ok_or_else(|| LayoutError::Field(field.clone()))??;
        if let Some(value) = value {
            let bytes = hex::decode(value.trim()).ok();
            let fits = |bytes: &Vec<u8>| part == Part::Scheme && bytes.len() == length;
            scheme = Some(bytes.filter(fits).ok_or_else(|| LayoutError::Scheme(field.clone()))?);
        }
        list.push((part, length));
    }
    check(&list)?;
    list.retain(|(part, length)| *part != Part::KeyId || *length > 0);
    Ok(Parts { list, scheme })
}

/// `None`: it isn't of the form `name:length`.
fn one(field: &str) -> Option<Result<(Part, usize), LayoutError>> {
    let (name, length) = match field.split_once(':') {
        Some((name, length)) => (name.trim(), Some(length.trim().parse::<usize>().ok()?)),
        None => (field.trim(), None),
    };
    let (part, _) = PARTS.into_iter().find(|(_, known)| *known == name)?;
    match (part, length) {
        (Part::Ciphertext, None | Some(0)) => Some(Ok((part, 0))),
        (Part::Ciphertext, Some(_)) => Some(Err(LayoutError::Ciphertext)),
        (Part::KeyId, Some(length @ 0..=64)) | (_, Some(length @ 1..=64)) => Some(Ok((part, length))),
        _ => None,
    }
}

/// Whether a scheme says AES-256-GCM: by the bytes that are configured, else by its number, which may be wider than a byte and begin at
/// either end.
pub(super) fn is_aes_256_gcm(scheme: &[u8], configured: Option<&[u8]>) -> bool {
    if let Some(configured) = configured {
        return scheme == configured;
    }
    let zeros = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let number = |end: Option<(&u8, &[u8])>| end.is_some_and(|(last, rest)| *last == AES_256_GCM && zeros(rest));
    number(scheme.split_last()) || number(scheme.split_first())
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
