//! Addresses of this console, told from all others: whoever wrote a link may want to send somebody elsewhere.

use url::Url;

/// Longest address that is gone back to.
const LONGEST: usize = 2000;

/// The path and query to send a browser to: `wanted` if it is one of this console, else the first page. Nobody is sent back into signing in
/// or out.
pub fn local(wanted: &str) -> String {
    let plain = wanted.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let own = wanted.starts_with('/') && !wanted.starts_with("//");
    let circular = ["/auth/", "/sign-in"].iter().any(|path| wanted.starts_with(path));
    if own && plain && !circular && wanted.len() <= LONGEST {
        wanted.into()
    } else {
        "/".into()
    }
}

/// Where a form was posted from, if that was a page of the console at `home`.
pub fn referring(referer: Option<&str>, home: &Url) -> String {
    let page = referer.and_then(|text| Url::parse(text).ok());
    let page = page.filter(|page| page.origin() == home.origin());
    page.map_or_else(
        || "/".into(),
        |page| match &page[url::Position::BeforePath..url::Position::AfterQuery] {
            // Where the colours were chosen, not where the sign-in leads.
            path if path.starts_with("/sign-in") => path.into(),
            path => local(path),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (asked, goes) in [
            ("/requests/7?x=1", "/requests/7?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("https://evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("/auth/sign-in?return_to=/auth/sign-in", "/"),
            ("/sign-in?return_to=/sign-in", "/"),
            ("", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
        ] {
            assert_eq!(local(asked), goes, "{asked:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(LONGEST))), "/");
    }

    #[test]
    fn a_form_goes_back_to_its_own_page() {
        let home = Url::parse("https://muster.example/").unwrap();
        for (referer, goes) in [
            (Some("https://muster.example/keys?deployment=a#b"), "/keys?deployment=a"),
            (
                Some("https://muster.example/sign-in?return_to=/keys"),
                "/sign-in?return_to=/keys",
            ),
            (Some("https://muster.example//evil.example/"), "/"),
            (Some("https://muster.example.evil.example/keys"), "/"),
            (Some("http://muster.example/keys"), "/"),
            (Some("nonsense"), "/"),
            (None, "/"),
        ] {
            assert_eq!(referring(referer, &home), goes, "{referer:?}");
        }
    }
}
