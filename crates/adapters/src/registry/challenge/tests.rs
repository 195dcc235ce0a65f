use proptest::prelude::*;

use super::*;

const BEARER: &str = r#"Bearer realm="https://auth.example.org/token?a=b,c",service="registry.example.org",scope="repository:ampora/web:pull,push",error="invalid_token""#;

#[test]
fn a_comma_in_quotes_separates_nothing() {
    let challenges = Challenge::parse(BEARER);
    assert_eq!(challenges.len(), 1);
    let bearer = &challenges[0];
    assert!(bearer.is("bearer") && !bearer.is("basic"));
    for (name, value) in [
        ("realm", Some("https://auth.example.org/token?a=b,c")),
        ("service", Some("registry.example.org")),
        ("scope", Some("repository:ampora/web:pull,push")),
        ("error", Some("invalid_token")),
        ("nonce", None),
    ] {
        assert_eq!(bearer.get(name), value, "{name}");
    }
}

#[test]
fn several_challenges_are_told_apart() {
    let header = format!(r#"Negotiate, Basic realm="a \"quoted\" realm", {BEARER}, Negotiate YWJj=="#);
    let challenges = Challenge::parse(&header);
    let schemes: Vec<_> = challenges.iter().map(|challenge| challenge.scheme.as_str()).collect();
    assert_eq!(schemes, ["negotiate", "basic", "bearer", "negotiate"]);
    assert_eq!(challenges[1].get("realm"), Some(r#"a "quoted" realm"#));
}

#[test]
fn missing_quotes_and_odd_spaces_are_read() {
    for header in [
        "BEARER Realm=https://auth.example.org/token,Service=r",
        "bearer  realm = \"https://auth.example.org/token\" ,, service=r",
        "Bearer service=r,realm=\"https://auth.example.org/token",
    ] {
        let challenges = Challenge::parse(header);
        assert_eq!(challenges.len(), 1, "{header}");
        let found = (challenges[0].get("realm"), challenges[0].get("service"));
        assert_eq!(found, (Some("https://auth.example.org/token"), Some("r")), "{header}");
    }
    assert_eq!(Challenge::parse(" , = ,"), []);
    assert!(
        Challenge::parse("realm=x")
            .iter()
            .all(|challenge| challenge.get("realm").is_none())
    );
}

proptest! {
    #[test]
    fn no_header_panics_or_is_read_for_ever(header: String, letters in "[A-Za-z=, \"\\\\]{0,60}") {
        let _ = (Challenge::parse(&header), Challenge::parse(&letters));
    }

    #[test]
    fn a_quoted_value_comes_back_whole(value: String) {
        let quoted = value.replace('\\', r"\\").replace('"', r#"\""#);
        let challenges = Challenge::parse(&format!("Bearer a=b, realm=\"{quoted}\", service=s"));
        prop_assert_eq!(challenges.len(), 1);
        prop_assert_eq!(challenges[0].get("realm"), Some(value.as_str()));
    }
}
