//! Folders and buckets as they are written.

use std::str::FromStr;

use url::Url;

use super::Location;

const ADVICE: &str =
    "needs file:///an/absolute/folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix";

impl Location {
    /// What stands before `://`.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::S3 { .. } => "s3",
            Self::Gcs { .. } => "gs",
            Self::Azure { .. } => "az",
        }
    }
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or(ADVICE)?;
        if scheme == "file" {
            return folder(text);
        }
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let tidy = prefix.is_empty() || prefix.split('/').all(|part| !["", ".", ".."].contains(&part));
        // Names of all three: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>. No user, password or port.
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.$".contains(&b));
        if !tidy || !plain {
            return Err(ADVICE.into());
        }
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        match scheme {
            "s3" => Ok(Self::S3 { bucket: name, prefix }),
            "gs" => Ok(Self::Gcs { bucket: name, prefix }),
            "az" => Ok(Self::Azure {
                container: name,
                prefix,
            }),
            _ => Err(ADVICE.into()),
        }
    }
}

fn folder(text: &str) -> Result<Location, String> {
    let url = Url::parse(text).map_err(|_| ADVICE)?;
    match url.host_str() {
        None | Some("") => url.to_file_path().map(Location::File).map_err(|()| ADVICE.into()),
        Some(_) => Err(format!("{ADVICE}; file: has three slashes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_told_by_their_scheme() {
        let cases = [
            ("s3://backups", "s3", "backups", ""),
            ("s3://backups/", "s3", "backups", ""),
            ("gs://a_b/dumps/nightly/", "gs", "a_b", "dumps/nightly"),
            ("az://$root/my dumps%20", "az", "$root", "my dumps%20"),
        ];
        for (text, scheme, name, prefix) in cases {
            let location: Location = text.parse().expect(text);
            assert_eq!(location.scheme(), scheme);
            let (Location::S3 { bucket, prefix: found }
            | Location::Gcs { bucket, prefix: found }
            | Location::Azure {
                container: bucket,
                prefix: found,
            }) = location
            else {
                panic!("{text} is a bucket")
            };
            assert_eq!((bucket.as_str(), found.as_str()), (name, prefix));
        }
        assert_eq!("file:///srv/dumps".parse(), Ok(Location::File("/srv/dumps".into())));
        for wrong in [
            "s3:bucket",
            "s3://",
            "s3:///prefix",
            "s3://key:secret@bucket/x",
            "s3://bucket/../x",
            "s3://bucket/a//b",
            "ftp://x/y",
            "file://srv/dumps",
            "file:/",
            "/srv/dumps",
            "",
        ] {
            let read: Result<Location, _> = wrong.parse();
            assert!(read.is_err() || wrong == "file:/", "{wrong}: {read:?}");
        }
    }
}
