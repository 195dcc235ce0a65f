//! As much of a browser as a login needs: cookies, redirects, and pressing a button.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, redirect};
use url::Url;

/// One browser profile.
pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
    /// How often the page of accounts was shown.
    pub logins: usize,
}

impl Browser {
    pub fn new() -> Self {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            cookies: BTreeMap::new(),
            logins: 0,
        }
    }

    /// Goes where Muster sends it, presses the account's button if it is asked, and returns what the provider sends back to `redirect`.
    pub async fn log_in(&mut self, start: Url, account: &str, redirect: &str) -> BTreeMap<String, String> {
        let mut url = start;
        for _ in 0..10 {
            if url.as_str().starts_with(redirect) {
                return url.query_pairs().into_owned().collect();
            }
            let response = self.send(self.client.get(url.clone())).await;
            url = match location(&url, &response) {
                Some(next) => next,
                None => self.press(&url, response, account).await,
            };
        }
        panic!("the login goes round in circles, last at {url}");
    }

    /// Presses a button of the page's form and returns where that leads.
    async fn press(&mut self, page: &Url, response: Response, account: &str) -> Url {
        let status = response.status();
        let html = response.text().await.unwrap();
        assert!(
            html.contains(&format!(">{account}</button>")),
            "no button {account} at {page} ({status}): {html}"
        );
        self.logins += 1;
        self.submit(page, &html, &[("account", account)]).await
    }

    /// Confirms the provider's question whether to sign out and returns where it sends the browser.
    pub async fn log_out(&mut self, url: Url) -> Url {
        let html = self.send(self.client.get(url.clone())).await.text().await.unwrap();
        let xsrf = html
            .split("name=\"xsrf\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let xsrf = xsrf
            .unwrap_or_else(|| panic!("no form to sign out with: {html}"))
            .to_owned();
        self.submit(&url, &html, &[("logout", "yes"), ("xsrf", &xsrf)]).await
    }

    async fn submit(&mut self, page: &Url, html: &str, fields: &[(&str, &str)]) -> Url {
        let action = html
            .split("action=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("the page has a form");
        let target = page.join(action).unwrap();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let post = self
            .client
            .post(target.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.finish());
        let response = self.send(post).await;
        location(&target, &response).expect("a form is answered by a redirect")
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        for header in response.headers().get_all(SET_COOKIE) {
            let (pair, _) = header.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        response
    }
}

fn location(from: &Url, response: &Response) -> Option<Url> {
    let target = response.headers().get(LOCATION)?.to_str().unwrap();
    Some(from.join(target).unwrap())
}
