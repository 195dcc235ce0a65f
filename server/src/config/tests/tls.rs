//! What `[deployment.tls]` may say together.

use super::*;

#[test]
fn a_certificate_is_asked_for_by_names_and_of_an_endpoint() {
    let tls = |rest: &str| refused(&format!("{SMALL}[deployment.tls]\n{rest}"));
    let both = tls("bundle = \"b.pem\"\ncertificate = \"c.pem\"");
    assert!(
        both.contains("deployment[0].tls has both bundle and certificate: give one of them"),
        "{both}"
    );
    assert!(
        tls("private_key = \"k.pem\"")
            .contains("line 4: deployment[0].tls.private_key belongs to certificate, which is missing")
    );
    let names = tls(
        "endpoint = \"a.example.org:443\"\nserver_name = \"https://a\"\nnames = [\"b.example.org\", \"*.example.org\"]",
    );
    assert!(
        names.contains("line 5: deployment[0].tls.server_name needs the name or address of a server"),
        "{names}"
    );
    assert!(
        names.contains("deployment[0].tls.names[1] needs the name or address of a server"),
        "{names}"
    );
    assert!(!names.contains("names[0]"), "{names}");
    for key in [
        "server_name = \"a.example.org\"",
        "names = [\"a.example.org\"]",
        "roots = \"r.pem\"",
    ] {
        let alone = tls(&format!("{key}\nbundle = \"b.pem\""));
        assert!(
            alone.contains("is for the certificate that endpoint serves, and endpoint is missing"),
            "{alone}"
        );
    }
    assert!(
        tls("cert_manager = { namespace = \"a\" }").contains("deployment[0].tls.cert_manager.certificate is missing")
    );
    accepted(&format!(
        "{SMALL}[deployment.tls]\nbundle = \"b.pem\"\ncert_manager = {{ certificate = \"c\" }}"
    ));
}
