//! The process that stands between Muster and a tool and ends the tool when Muster is gone.
//!
//! Not `PR_SET_PDEATHSIG`: that follows the thread that spawned the child and reaches only the child itself.
//! The supervisor is this same executable, called with one hidden argument; it holds one end of a socket
//! whose other end only Muster holds. Whatever ends Muster closes that socket, and the supervisor then ends
//! the tool's whole process group. It also reports the exit status, so a lost supervisor can't be taken for a
//! tool that ended.

use std::{
    ffi::OsStr,
    io,
    os::{fd::AsFd, unix::net, unix::process::ExitStatusExt},
    path::Path,
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::process::{Pid, Signal, kill_process_group, setpriority_process};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::UnixStream,
    process::Child,
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use zeroize::Zeroizing;

use super::{
    GRACE, direct, hygiene,
    order::Order,
    protocol::{self, Report},
};

/// The hidden argument. No command of the CLI, and nothing anybody types.
pub(super) const ARGUMENT: &str = "__supervise";

/// This very executable, also after an upgrade has replaced its file.
const OWN_EXECUTABLE: &str = "/proc/self/exe";

static CAN_SUPERVISE: AtomicBool = AtomicBool::new(false);

/// Becomes a supervisor and exits, if this process was started as one; else returns at once and from then on
/// tools can be supervised. Must be the first call of `main`, before any thread or runtime.
#[expect(
    clippy::disallowed_methods,
    reason = "a supervisor holds no cluster and no key, and main must not run on in it"
)]
pub fn run_if_asked() {
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ARGUMENT)) {
        std::process::exit(i32::from(supervise().is_err()));
    }
    CAN_SUPERVISE.store(true, Ordering::Relaxed);
}

/// The program to start as a supervisor, if this one can be one.
pub(super) fn executable() -> Option<&'static Path> {
    CAN_SUPERVISE
        .load(Ordering::Relaxed)
        .then_some(Path::new(OWN_EXECUTABLE))
}

fn supervise() -> io::Result<()> {
    // The order holds passwords. What can't be done here was reported by Muster's own call.
    let _ = hygiene::harden();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(obey())
}

async fn obey() -> io::Result<()> {
    let _ignored = ignore_signals()?;
    let lifeline = net::UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    lifeline.set_nonblocking(true)?;
    let (mut orders, mut reports) = UnixStream::from_std(lifeline)?.into_split();
    let mut order: Order = protocol::receive(&mut orders).await?;
    let mut tool = match start(&mut order) {
        Ok(tool) => tool,
        Err(error) => {
            let errno = error.raw_os_error().unwrap_or(rustix::io::Errno::INVAL.raw_os_error());
            return protocol::send(&mut reports, &Report::Refused(errno)).await;
        }
    };
    let group = tool.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // Muster may be gone already; then the lifeline says so below.
    let _ = protocol::send(&mut reports, &Report::Started).await;
    let status = tokio::select! {
        status = tool.wait() => status?,
        () = closed(&mut orders) => end(&mut tool, group, order.is_killed).await?,
    };
    // Whatever the tool left in its group goes with it.
    signal_group(group, Signal::KILL);
    protocol::send(&mut reports, &Report::Ended(status.into_raw())).await
}

fn start(order: &mut Order) -> io::Result<Child> {
    if order.niceness != 0 {
        // A tool at normal priority is better than none.
        let _ = setpriority_process(None, order.niceness);
    }
    let mut command = order.command();
    if order.input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut tool = command.process_group(0).spawn()?;
    if let (Some(stdin), Some(input)) = (tool.stdin.take(), order.input.take()) {
        tokio::spawn(direct::feed(stdin, Zeroizing::new(input)));
    }
    Ok(tool)
}

async fn end(tool: &mut Child, group: Option<Pid>, at_once: bool) -> io::Result<ExitStatus> {
    signal_group(group, if at_once { Signal::KILL } else { Signal::TERM });
    match timeout(GRACE, tool.wait()).await {
        Ok(status) => status,
        Err(_) => {
            signal_group(group, Signal::KILL);
            tool.wait().await
        }
    }
}

fn signal_group(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // "No such process" is what everybody hopes for.
        let _ = kill_process_group(group, signal);
    }
}

/// Returns when Muster closed its end or died. Nothing more is ever sent.
async fn closed(orders: &mut (impl AsyncRead + Unpin)) {
    while orders.read_u8().await.is_ok() {}
}

/// Signals sent to everybody, as by a service manager that stops Muster: only Muster decides when a tool ends.
fn ignore_signals() -> io::Result<Vec<tokio::signal::unix::Signal>> {
    [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
        SignalKind::pipe(),
    ]
    .into_iter()
    .map(signal)
    .collect()
}
