//! A tool of a run on another host, where the end of the local ssh tells it nothing. Over there it gets a process group of its own, and a
//! record beside the data directory says whose it is: so it can be ended from here, it alone, and proven to be gone.

use domain::ids::RunId;

use super::{DatabaseHost, HostError};
use crate::process::Invocation;

/// Starts the tool, unless a later worker of any run has one there. The record is `RUN FENCE GROUP STARTED`: the id of the group and the start
/// time of its leader (field 22 of `/proc/PID/stat`, see proc(5)), which no second process shares on one boot.
const HOLD: &str = concat!(
    r#"record=$1; run=$2; fence=$3; shift 3; umask 077; "#,
    r#"if test -f "$record" && read -r owner held rest < "$record" && test "$held" -gt "$fence"; then echo "a later worker holds $record" >&2; exit 75; fi; "#,
    r#"setsid -w sh -c 'record=$1; run=$2; fence=$3; shift 3; stat=$(cat /proc/$$/stat); stat=${stat##*) }; "#,
    r#"started=$(echo "$stat" | cut -d " " -f 20); "#,
    r#"echo "$run $fence $$ $started" > "$record.new" && mv -T -- "$record.new" "$record" && exec "$@"' muster "$record" "$run" "$fence" "$@"; "#,
    r#"code=$?; read -r owner held rest < "$record" && test "$owner $held" = "$run $fence" && rm -f -- "$record"; exit $code"#
);

/// Ends the group in the record if it is this run's, of this worker or of one before it. A leader of another start time means that the group
/// is gone: its number was given to somebody else. Without a leader nobody can tell whose the rest is, so it is left alone.
const END: &str = concat!(
    // Whatever pgrep says but that there is none counts as one.
    r#"is_there() { pgrep -g "$group" > /dev/null; test $? -ne 1; }; "#,
    r#"record=$1; run=$2; fence=$3; test -f "$record" || { echo gone; exit 0; }; "#,
    r#"read -r owner held group started < "$record"; "#,
    r#"if test "$owner" != "$run" || test "$held" -gt "$fence"; then echo other; exit 0; fi; "#,
    r#"if test -r "/proc/$group/stat"; then stat=$(cat "/proc/$group/stat"); stat=${stat##*) }; "#,
    r#"test "$(echo "$stat" | cut -d " " -f 20)" = "$started" || { rm -f -- "$record"; echo gone; exit 0; }; "#,
    r#"kill -s TERM -- "-$group"; elif is_there; then echo leaderless; exit 0; fi; "#,
    r#"left=40; while is_there; do left=$((left - 1)); test "$left" -gt 0 || { echo runs; exit 0; }; "#,
    r#"test "$left" -ne 20 || kill -s KILL -- "-$group"; sleep 0.5; done; rm -f -- "$record"; echo gone"#
);

/// Whose tool it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    pub run: RunId,
    /// Fencing token: whoever claims the run later has a greater one, and ends what an earlier worker left.
    pub fence: i64,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Held {
    /// None of its processes is there any more, or none ever was.
    Gone,
    /// It doesn't end, or can't be told from others.
    MayStillRun,
}

fn record(pgdata: &str) -> String {
    format!("{pgdata}.muster-tool")
}

impl DatabaseHost {
    /// A call of a tool there that [`Self::end_held`] ends. On this machine its supervisor does, so it is called as it is.
    ///
    /// # Errors
    /// If the command is empty or can't be passed on.
    pub fn held(&self, pgdata: &str, holder: Holder, command: &[String]) -> Result<Invocation, HostError> {
        if !self.is_elsewhere() {
            return Ok(self.command(command)?.invoke(Vec::<String>::new()));
        }
        let words = ["sh", "-c", HOLD, "muster"].map(str::to_owned);
        let tool = self.command(&words)?;
        let (run, fence) = (holder.run.to_string(), holder.fence.to_string());
        let arguments = [record(pgdata), run, fence];
        Ok(tool.invoke(arguments.iter().chain(command)))
    }

    /// Ends the tool that this run has there, with its whole group, and looks whether it is gone.
    ///
    /// # Errors
    /// If the host doesn't answer: then nobody knows.
    pub async fn end_held(&self, pgdata: &str, holder: Holder) -> Result<Held, HostError> {
        if !self.is_elsewhere() {
            return Ok(Held::Gone);
        }
        let (run, fence) = (holder.run.to_string(), holder.fence.to_string());
        match self.script(END, &[&record(pgdata), &run, &fence]).await?.as_str() {
            "gone" => Ok(Held::Gone),
            "other" | "runs" | "leaderless" => Ok(Held::MayStillRun),
            odd => Err(HostError::odd("the end of the tool there", odd)),
        }
    }
}
