//! Which image may start on a restored database: the one that ran while the database was at the migration that the backup is at. A newer one
//! would want to migrate it, an older one wouldn't understand it.

use domain::history::Seen;

/// An image by its digest, and why this one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// `registry/ampora@sha256:…`.
    pub image: String,
    pub digest: String,
    pub because: String,
    /// What whoever agrees should know of the choice.
    pub warning: Option<String>,
}

/// Chooses by what was seen running when; `written` is the image of the manifests.
///
/// # Errors
/// If no image is known that fits, in words.
pub fn choose(written: &str, head: &str, images: &[Seen], heads: &[Seen]) -> Result<Chosen, String> {
    let (repository, digest) = parts(written);
    let ran_with = |image: &Seen, head: &str| {
        let mut same = heads.iter().filter(|seen| seen.value == head);
        same.any(|seen| seen.since <= image.until && image.since <= seen.until)
    };
    let chosen = |digest: &str, because: String, warning| Chosen {
        image: format!("{repository}@{digest}"),
        digest: digest.to_owned(),
        because,
        warning,
    };
    let fitting = images.iter().filter(|image| ran_with(image, head));
    let written_fits = fitting.clone().any(|image| Some(image.value.as_str()) == digest);
    if let (Some(digest), true) = (digest, written_fits) {
        let because = format!("the manifests name it, and it ran while the database was at {head}");
        return Ok(chosen(digest, because, None));
    }
    if let Some(newest) = fitting.max_by_key(|image| image.until) {
        let because = format!("it ran while the database was at {head}");
        let instead = format!(
            "The manifests name {written}, which isn’t known to fit: {} is put in its place.",
            newest.value
        );
        return Ok(chosen(&newest.value, because, Some(instead)));
    }
    let Some(digest) = digest else {
        return Err(format!(
            "Which image fits migration {head} isn’t known: none was seen running with it, and the manifests name {written} by no digest. Name the \
             right one by its digest in the overlay."
        ));
    };
    let other = images.iter().filter(|image| image.value == digest).find_map(|image| {
        let mut at_its_time = heads.iter().filter(|seen| ran_with(image, &seen.value));
        at_its_time.next()
    });
    match other {
        Some(other) => Err(format!(
            "The manifests name the image {digest}, which ran with migration {}; the backup is at {head}. Name the image that fits, by its digest.",
            other.value
        )),
        None => Ok(chosen(
            digest,
            "the manifests name it".into(),
            Some(format!(
                "Nobody saw the image {digest} run on migration {head}: that it fits is what the manifests say, and nothing proves it."
            )),
        )),
    }
}

/// `registry:5000/ampora:1.2@sha256:…` into the name without tag, and the digest.
fn parts(image: &str) -> (&str, Option<&str>) {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let tagged = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
    (tagged.map_or(name, |(name, _)| name), digest)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn seen(value: &str, since: i64, until: i64) -> Seen {
        let at = |hours: i64| DateTime::from_timestamp(1_790_000_000 + hours * 3600, 0).expect("in range");
        Seen {
            value: value.into(),
            since: at(since),
            until: at(until),
        }
    }

    fn history() -> (Vec<Seen>, Vec<Seen>) {
        let images = vec![
            seen("sha256:a", 0, 10),
            seen("sha256:b", 11, 20),
            seen("sha256:c", 21, 30),
        ];
        let heads = vec![seen("one", 0, 10), seen("two", 11, 30)];
        (images, heads)
    }

    #[test]
    fn the_image_that_ran_with_the_migration_is_taken() {
        let (images, heads) = history();
        let chosen = |written, head| choose(written, head, &images, &heads).expect("there is one");
        let named = chosen("registry:5000/ampora:1@sha256:b", "two");
        assert_eq!(
            (named.image.as_str(), &named.warning),
            ("registry:5000/ampora@sha256:b", &None)
        );
        let tagged = chosen("registry:5000/ampora:1", "two");
        assert_eq!(tagged.image, "registry:5000/ampora@sha256:c", "the newest of them");
        let replaced = chosen("ampora@sha256:c", "one");
        assert_eq!(replaced.image, "ampora@sha256:a");
        assert!(
            replaced
                .warning
                .is_some_and(|warning| warning.contains("put in its place"))
        );
    }

    #[test]
    fn an_image_of_another_migration_is_refused() {
        let (images, heads) = history();
        let refused = choose("ampora@sha256:a", "three", &images, &heads).expect_err("it ran with another");
        assert!(refused.contains("which ran with migration one"), "{refused}");
        let unknown = choose("ampora:1", "three", &images, &heads).expect_err("a tag proves nothing");
        assert!(unknown.contains("by no digest"), "{unknown}");
    }

    #[test]
    fn where_nobody_saw_anything_the_manifests_word_is_told_as_such() {
        let chosen = choose("ampora@sha256:x", "one", &[], &[]).expect("named");
        assert!(
            chosen
                .warning
                .is_some_and(|warning| warning.contains("nothing proves it"))
        );
    }
}
