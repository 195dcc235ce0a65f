//! The provider's few pages. No text of a request ever reaches them, so nothing in them needs escaping.

use axum::http::header;
use axum::response::{Html, IntoResponse};

use super::account::{ACCOUNTS, Account};

/// Where the forms go.
pub(super) const LOGIN: &str = "/demo/login";
pub(super) const SIGN_OUT: &str = "/demo/logout/confirmed";

/// One button per account, named as the account.
pub(super) fn login(login: &str, signed_in: Option<Account>) -> Html<String> {
    let lead = match signed_in {
        Some(account) => format!(
            "You are <b>{}</b>. Muster asked for a fresh login: press a button again to prove that you are still here.",
            account.name
        ),
        None => "Pick who you are. Nobody decides on their own request, so the story takes two.".to_owned(),
    };
    let choices = ACCOUNTS.map(|Account { name, purpose, .. }| {
        format!(
            "<li><button name=\"account\" value=\"{name}\" aria-describedby=\"about-{name}\">{name}</button>\
             <p id=\"about-{name}\">{purpose}</p></li>"
        )
    });
    let form = format!(
        "<form method=\"post\" action=\"{LOGIN}\"><input type=\"hidden\" name=\"login\" value=\"{login}\">\
         <ul>{}</ul></form>",
        choices.concat()
    );
    frame("Sign in to Muster", &format!("<p>{lead}</p>{form}"))
}

/// Says why the browser isn't sent on.
pub(super) fn refusal(reason: &'static str) -> Html<String> {
    frame("No sign-in", &format!("<p>{reason}</p>"))
}

pub(super) fn confirm_sign_out() -> Html<String> {
    let form = format!("<form method=\"post\" action=\"{SIGN_OUT}\"><button>Sign out</button></form>");
    frame(
        "Sign out?",
        &format!("<p>This ends your session at the demo's identity provider.</p>{form}"),
    )
}

pub(super) fn signed_out() -> Html<String> {
    frame(
        "Signed out",
        "<p>You are signed out of the demo's identity provider. This page can be closed.</p>",
    )
}

pub(super) async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("page.css"),
    )
}

fn frame(title: &'static str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Muster demo</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" href=\"/demo/style.css\"></head>\
         <body><main><p class=\"place\">Muster demo · identity provider</p><h1>{title}</h1>{body}\
         <footer>This provider belongs to the demo. It asks for no password, can be reached from this machine only, and ends with \
         the demo. For an Ampora of your own, Muster signs people in at your own OpenID provider.</footer></main></body></html>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_a_button_of_its_name() {
        let Html(page) = login("token", None);
        for account in ACCOUNTS {
            assert!(page.contains(&format!(">{}</button>", account.name)));
        }
    }
}
