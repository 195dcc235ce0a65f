//! The reference implementation of DSSE, which has nothing to do with Muster: what it believes, others believe.
//! <https://github.com/secure-systems-lab/securesystemslib>

use std::path::Path;
use std::process::Command;

use crate::peer::home;

/// The key is given the id that the receipt hints at; whether it is the right one, only the signature says.
const SCRIPT: &str = r#"
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
document = json.load(open(sys.argv[1]))
public = load_pem_public_key(open(sys.argv[2], "rb").read())
key = SSlibKey.from_crypto(public, keyid=document["signatures"][0]["keyid"])
for signature in document["signatures"]:
    signature.setdefault("keyid", "")
accepted = Envelope.from_dict(document).verify([key], 1)
assert len(accepted) == 1, accepted
document["payload"] = document["payload"][:-8] + "AAAAAAA="
try:
    Envelope.from_dict(document).verify([key], 1)
except Exception:
    print("verified")
"#;

/// Verifies a receipt by a public key in PEM, and sees that a changed one isn't believed.
///
/// # Panics
/// If the library isn't installed, or doesn't believe it.
pub fn verify(receipt: &Path, key: &Path) {
    let home = home("securesystemslib");
    let python = home.join("bin/python");
    assert!(
        python.exists() && home.join(".installed").exists(),
        "securesystemslib isn't in {}; run crates/xtask/setup.sh test",
        home.display()
    );
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .args([receipt, key])
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && output.stdout.starts_with(b"verified"),
        "{said}"
    );
}
