//! The stand-in as a program: it reads the copy once, then serves agents at a socket until it is ended.

use std::fs;

use anyhow::Context as _;
use domain::key::{Encoding, MasterKey};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::net::UnixListener;
use zeroize::Zeroizing;

use crate::{Arguments, Copy, StandIn, serve};

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(until_ended(arguments))
}

async fn until_ended(arguments: Arguments) -> anyhow::Result<()> {
    let written = Zeroizing::new(fs::read(&arguments.key_file).context("the master key can't be read")?);
    let key = MasterKey::decode(&written, Encoding::Base64)
        .context("the file of the master key holds no key")?
        .key;
    let options = PgConnectOptions::new_without_pgpass()
        .socket(&arguments.database_socket)
        .port(arguments.database_port)
        .database(&arguments.database)
        .username(&arguments.database_user)
        .ssl_mode(PgSslMode::Disable)
        .application_name("stand-in for Ampora");
    let copy = Copy::read(&options, &key).await?;
    let certificate = CertificateDer::from_pem_file(&arguments.certificate)?;
    let certificate_key = PrivateKeyDer::from_pem_file(&arguments.certificate_key)?;
    let stand_in = StandIn::new(copy, arguments.manner, certificate, certificate_key)?;
    let listener = UnixListener::bind(&arguments.listen).context("agents can't be served there")?;
    loop {
        let (stream, _) = listener.accept().await?;
        // What breaks one connection is that agent's to report.
        tokio::spawn(serve(stand_in.clone(), stream));
    }
}
