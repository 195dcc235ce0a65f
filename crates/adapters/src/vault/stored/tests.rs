use super::*;

#[test]
fn a_value_keeps_every_digit_and_is_never_quoted() {
    let text = br#"{"data":{"metadata":{"version":3},"data":{"b":9007199254740993,"a":"x\u0022y","c":{"d":[1.50]},"e":null}}}"#;
    let stored = Stored::of(text).ok().unwrap();
    assert_eq!(stored.version, Some(3));
    let said = |name: &str| String::from_utf8(content(stored.fields[name]).unwrap().to_vec()).unwrap();
    assert_eq!(
        [said("a"), said("b"), said("c"), said("e")],
        ["x\"y", "9007199254740993", r#"{"d":[1.50]}"#, "null"]
    );
    for odd in [
        r#"{"data":{"data":"hunter2hunter2"}}"#,
        r#"{"data":{"data":{"a":"hunter2hunter2""#,
        r#"{"data":"hunter2hunter2"}"#,
        r#"{"data":null}"#,
        "hunter2hunter2",
    ] {
        let unclear = Stored::of(odd.as_bytes()).err().unwrap();
        assert!(!format!("{unclear} {unclear:?}").contains("hunter2"), "{unclear}");
    }
}
