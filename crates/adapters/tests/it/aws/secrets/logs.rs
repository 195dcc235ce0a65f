//! No log holds a value, however much is logged.

use std::io;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::*;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_whole_trace_of_reads_and_writes_holds_no_value() {
    let moto = Moto::start();
    let written = Written::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(written.clone())
        .finish();
    let _logging = subscriber.set_default();
    tracing::info!("the log is on");
    let secret = secret(&moto, NAME);
    let first = secret.create(&whole("first-value-of-the-key")).await.unwrap();
    let second = secret.append(&whole("second-value-of-the-key"), &first).await.unwrap();
    secret.read(&second).await.unwrap();
    secret.describe().await.unwrap();
    let log = String::from_utf8_lossy(&written.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is on"));
    assert!(!log.contains("value-of-the-key"), "{log}");
}
