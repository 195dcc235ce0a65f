use std::sync::atomic::{AtomicUsize, Ordering};

use azure_core::time::OffsetDateTime;

use super::*;

/// Knows who asks, or doesn't; counts how often it is asked.
#[derive(Debug, Default)]
struct Source {
    token: Option<&'static str>,
    asked: AtomicUsize,
}

#[async_trait]
impl TokenCredential for Source {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> Answer<AccessToken> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let expires = OffsetDateTime::now_utc() + Span::hours(1);
        let token = self.token.map(|token| AccessToken::new(token, expires));
        token.ok_or_else(|| Error::with_message(ErrorKind::Credential, "nobody is logged in"))
    }
}

fn chain(sources: &[&Arc<Source>]) -> Chain {
    let names = ["identity", "login"];
    let sources = sources.iter().map(|source| Arc::clone(source) as Credential);
    Chain {
        sources: names.into_iter().zip(sources).collect(),
        found: OnceLock::new(),
    }
}

#[tokio::test]
async fn the_first_that_knows_is_asked_from_then_on() {
    let (without, with) = (
        Arc::new(Source::default()),
        Source {
            token: Some("token"),
            ..Source::default()
        },
    );
    let with = Arc::new(with);
    let chain = chain(&[&without, &with]);
    for _ in 0..3 {
        let token = chain.get_token(&["scope"], None).await.unwrap();
        assert_eq!(token.token.secret(), "token");
    }
    let asked = |source: &Source| source.asked.load(Ordering::Relaxed);
    assert_eq!((asked(&without), asked(&with)), (1, 3));
}

#[tokio::test]
async fn where_nobody_knows_everybody_is_quoted() {
    let without = Arc::new(Source::default());
    let error = chain(&[&without, &without])
        .get_token(&["scope"], None)
        .await
        .unwrap_err();
    let expected = "no identity (nobody is logged in), no login (nobody is logged in)";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.kind(), &ErrorKind::Credential);
}
