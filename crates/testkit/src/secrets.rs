//! What must not hold a key: rows, logs at every level, panics, arguments of processes, pages. Everything that the program under test logs is
//! listened to.

use std::io;
use std::panic;
use std::sync::{Mutex, Once, PoisonError};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sqlx::{AssertSqlSafe, Row as _};
use tracing_subscriber::EnvFilter;

use crate::postgres::Database;

static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to every log line and every panic from now on.
///
/// # Panics
/// If somebody else listens already.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = EnvFilter::new("trace");
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(|| Ear)
            .finish();
        tracing::subscriber::set_global_default(log).expect("nobody else listens");
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let _ = io::Write::write(&mut Ear, format!("{panic}\n").as_bytes());
            before(panic);
        }));
    });
}

/// Whether these words were logged.
///
/// # Panics
/// Never: one pattern can be looked for.
pub fn heard(words: &str) -> bool {
    let words = AhoCorasick::new([words]).expect("one pattern");
    words.is_match(&HEARD.lock().unwrap_or_else(PoisonError::into_inner)[..])
}

/// A secret of 32 bytes in every way in which it could be written down: base64, base64url, hex, a list of numbers, raw.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let list = format!("{bytes:?}");
    let texts = [
        STANDARD.encode(bytes).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(bytes),
        // As the API of Kubernetes writes what is base64 itself.
        STANDARD.encode(STANDARD.encode(bytes)),
        hex::encode(bytes),
        hex::encode_upper(bytes),
        list.trim_matches(['[', ']']).to_owned(),
    ];
    let mut forms: Vec<_> = texts.into_iter().map(String::into_bytes).collect();
    forms.push(bytes.to_vec());
    forms
}

/// Finds certain secrets in whatever is searched.
#[derive(Debug)]
pub struct Search(AhoCorasick);

impl Search {
    /// For these secrets, by their bytes.
    ///
    /// # Panics
    /// Never: so few patterns can be looked for.
    pub fn of(secrets: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let forms = secrets.into_iter().flat_map(|bytes| forms(&bytes));
        Self(AhoCorasick::new(forms).expect("few patterns"))
    }

    /// For these words as they are.
    ///
    /// # Panics
    /// Never: one pattern can be looked for.
    pub fn of_words(words: &str) -> Self {
        Self(AhoCorasick::new([words]).expect("one pattern"))
    }

    /// # Panics
    /// If one of them is in it.
    pub fn nothing_in(&self, what: &str, text: &[u8]) {
        assert!(!self.0.is_match(text), "{what} holds a secret");
    }

    /// No row of this database, log line, panic or argument of a process holds one.
    ///
    /// # Panics
    /// If one does.
    pub async fn nothing_kept(&self, own: &Database) {
        let mut conn = own.connect().await;
        let tables = sqlx::query(
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
        );
        let tables = tables.fetch_all(&mut conn).await.expect("lists");
        assert!(tables.len() > 10, "the store has its tables");
        for table in tables {
            let name: String = table.get(0);
            let rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("SELECT t::text FROM {name} t")));
            let rows = rows.fetch_all(&mut conn).await.expect("reads").join("\n");
            self.nothing_in(&name, rows.as_bytes());
        }
        self.nothing_in("the log", &HEARD.lock().unwrap_or_else(PoisonError::into_inner));
        for process in std::fs::read_dir("/proc").expect("lists").flatten() {
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            self.nothing_in("an argument of a process", &arguments);
        }
    }
}
