use proptest::prelude::*;

use super::*;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn read(text: &str) -> Reference {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn home(text: &str) -> String {
    let reference = read(text);
    format!(
        "{}v2/{}",
        reference.home().expect("has a home"),
        reference.path_at_home()
    )
}

#[test]
fn the_first_part_is_a_host_only_if_it_looks_like_one() {
    for (text, expected) in [
        (
            "registry.example.org/ampora/web:1.4.2",
            "https://registry.example.org/v2/ampora/web",
        ),
        (
            "registry.example.org:5000/web",
            "https://registry.example.org:5000/v2/web",
        ),
        ("Registry.Example.ORG/web", "https://registry.example.org/v2/web"),
        ("localhost/web", "http://localhost/v2/web"),
        ("127.0.0.1:5050/a/b/c", "http://127.0.0.1:5050/v2/a/b/c"),
        ("[::1]:5050/a", "http://[::1]:5050/v2/a"),
        ("127.0.0.1.example.org/a", "https://127.0.0.1.example.org/v2/a"),
        ("localhost:5000/a", "http://localhost:5000/v2/a"),
    ] {
        assert_eq!(home(text), expected, "{text}");
    }
}

#[test]
fn without_a_host_it_is_docker_hub() {
    for (text, expected) in [
        ("nginx", "https://registry-1.docker.io/v2/library/nginx"),
        ("ampora/web:1", "https://registry-1.docker.io/v2/ampora/web"),
        ("docker.io/nginx", "https://registry-1.docker.io/v2/library/nginx"),
        (
            "index.docker.io/library/nginx",
            "https://registry-1.docker.io/v2/library/nginx",
        ),
    ] {
        assert_eq!(home(text), expected, "{text}");
    }
    assert_eq!(read("web").path_elsewhere(), "web");
    assert_eq!(
        read("docker.io/nginx").path_elsewhere(),
        "library/nginx",
        "the mirror of Docker Hub has its names"
    );
}

#[test]
fn tag_and_digest_are_told_from_a_port() {
    let both = read(&format!("localhost:5000/ampora/web:1.4.2@{DIGEST}"));
    assert_eq!(both.tag().map(ToString::to_string).as_deref(), Some("1.4.2"));
    assert_eq!(both.digest().map(Digest::as_str), Some(DIGEST));
    assert_eq!(both.to_string(), format!("localhost:5000/ampora/web:1.4.2@{DIGEST}"));
    let neither = read("localhost:5000/ampora/web");
    assert_eq!((neither.tag(), neither.digest()), (None, None));
}

#[test]
fn what_names_no_image_is_refused_with_the_reason() {
    for (text, reason) in [
        ("", ReferenceError::Length),
        ("https://registry.example.org/web", ReferenceError::Scheme),
        ("a.example.org:5000/", ReferenceError::Path),
        ("a.example.org:x/web", ReferenceError::Host),
        ("a.example.org:/web", ReferenceError::Host),
        ("a.example.org:99999/web", ReferenceError::Host),
        ("user@a.example.org/web", ReferenceError::Digest(DigestError)),
        ("a.example.org/", ReferenceError::Path),
        ("a.example.org/../v1", ReferenceError::Path),
        ("a//b", ReferenceError::Path),
        ("Ampora/web", ReferenceError::Path),
        ("ampora/web?x=y", ReferenceError::Path),
        ("a...b", ReferenceError::Path),
        ("ampora/web:", ReferenceError::Tag),
        ("ampora/web:.1", ReferenceError::Tag),
        ("ampora/web:1@sha256:12", ReferenceError::Digest(DigestError)),
        (
            "ampora/web@md5:d41d8cd98f00b204e9800998ecf8427e",
            ReferenceError::Digest(DigestError),
        ),
    ] {
        assert_eq!(text.parse::<Reference>(), Err(reason), "{text}");
    }
    assert_eq!("a".repeat(300).parse::<Reference>(), Err(ReferenceError::Length));
}

proptest! {
    #[test]
    fn no_text_panics(text: String) {
        let _ = (text.parse::<Reference>(), text.parse::<Tag>(), text.parse::<Digest>(), text.parse::<crate::registry::Platform>());
    }

    #[test]
    fn what_is_read_is_written_the_same(
        host in proptest::option::of("(localhost|[a-z0-9]{1,8}(-[a-z0-9]{1,3})?\\.[a-z]{2,5})(:[1-9][0-9]{0,3})?"),
        path in "[a-z0-9]{1,9}((_|__|-{1,3})[a-z0-9]{1,5})?(/[a-z0-9]{1,9}(\\.[a-z0-9]{1,5})?){0,3}",
        tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}"),
        digest: bool,
    ) {
        let text = [
            host.map(|host| format!("{host}/")).unwrap_or_default(),
            path,
            tag.map(|tag| format!(":{tag}")).unwrap_or_default(),
            if digest { format!("@{DIGEST}") } else { String::new() },
        ]
        .concat();
        let reference = read(&text);
        prop_assert_eq!(reference.to_string(), text);
        prop_assert!(reference.home().is_some() && is_path(&reference.path_at_home()));
    }
}
