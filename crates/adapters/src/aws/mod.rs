//! Amazon's services, asked by a handful of signed calls. Why not with the SDK of each: docs/adr/0010-aws-by-signed-calls.md.

mod bucket;
mod call;
mod client;
mod credentials;
mod error;
mod kms;
mod refusal;
mod rights;
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
pub use service::{Service, region_of};
pub use xml::{Node, XmlError};
