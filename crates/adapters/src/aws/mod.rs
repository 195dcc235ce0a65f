//! Amazon's services, asked by a handful of signed calls. Why not with the SDK of each: docs/adr/0011-aws-by-signed-calls.md. Secrets Manager
//! is asked through its SDK, over the same client.

mod bucket;
mod call;
mod client;
mod credentials;
mod error;
mod kms;
mod refusal;
mod rights;
mod secrets;
mod service;
mod signature;
mod xml;

pub use bucket::{Immutability, Lock, Mode, Protection, Versioning};
pub use call::Call;
pub use client::{Aws, AwsSettings};
pub use credentials::AccessKeys;
pub use error::{AwsError, Refusal};
pub use kms::{KeyState, KmsKey};
pub use rights::{Asset, Right, Rights};
pub use secrets::AwsSecret;
pub use service::{Service, region_of};
pub use xml::{Node, XmlError};
