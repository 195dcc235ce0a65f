//! Requests: the list, a new one, one with its plan, decisions and run, and the two stops on the way through the identity provider.

mod compare;
mod detail;
mod list;
mod new;
mod plan;
mod reveal;
mod rows;
mod sign;

pub use compare::Compare;
pub use detail::OneRequest;
pub use list::Requests;
pub use new::NewRequest;
pub use reveal::Reveal;
pub use sign::Sign;

#[cfg(test)]
pub mod samples;

#[cfg(test)]
mod tests;
