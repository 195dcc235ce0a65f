//! The identity provider, by OpenID Connect: signing people in, asking them again before a decision, and verifying the ID token that
//! stands behind one. The web tier and the worker use the same code; the worker fetches the provider's keys itself, so a token that was
//! put into the database by hand proves nothing to it.

mod directory;
mod error;
mod fetch;
mod id_token;
mod login;
mod people;
mod provider;
mod random;
mod settings;

pub use error::{OidcError, TokenFault};
pub use id_token::Claims;
pub use login::{Callback, SignIn, SignedIn, StepUp};
pub use provider::Provider;
pub use random::{Pkce, random_token};
pub use settings::{Pace, ProviderSettings};
