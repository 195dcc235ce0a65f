//! Reads a command that begins with ssh or kubectl itself: where it leads, and which tool it calls there.
//!
//! A vector without a tool is refused: the first argument that Muster appends would become the command, or an option of
//! ssh or kubectl.

use super::{ProcessError, remote::Via};

/// Options of ssh that take a value, see ssh(1).
const SSH_VALUES: &str = "BDEFIJLOPQRSWbceilmopw";

/// Where a command leads and what it calls there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spelled<'a> {
    pub place: String,
    pub tool: &'a str,
}

/// Reads a command that must begin with the program of `via`.
pub(super) fn read(command: &[String], via: Via) -> Result<Spelled<'_>, ProcessError> {
    let begins = command.first().and_then(|program| program.rsplit('/').next()) == Some(via.program());
    let (read, form) = match via {
        Via::Ssh => (ssh(command), "ssh, its options, a host, and the tool to call there"),
        Via::Kubectl => (kubectl(command), "kubectl, exec, a pod, --, and the tool to call there"),
    };
    read.filter(|_| begins).ok_or_else(|| ProcessError::LeadsNowhere {
        command: command.join(" "),
        form,
    })
}

/// Reads `ssh [option…] host [option…] tool…`.
fn ssh(command: &[String]) -> Option<Spelled<'_>> {
    let mut words = command.iter().skip(1);
    let mut options = true;
    let mut host = None;
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("-") if options => options = false,
            Some(flags) if options => {
                let valued = flags.find(|flag| SSH_VALUES.contains(flag));
                if valued.is_some_and(|at| at + 1 == flags.len()) {
                    words.next();
                }
            }
            _ => match host {
                None => host = Some(word),
                Some(host) => {
                    return Some(Spelled {
                        place: host.clone(),
                        tool: word,
                    });
                }
            },
        }
    }
    None
}

/// Reads `kubectl … exec … -- tool…`. Without the two dashes kubectl would take the tool's options for its own.
fn kubectl(command: &[String]) -> Option<Spelled<'_>> {
    let dashes = command.iter().position(|word| word == "--")?;
    let exec = command[..dashes].iter().position(|word| word == "exec")?;
    Some(Spelled {
        place: format!("pod {}", command[exec + 1..dashes].join(" ")),
        tool: command.get(dashes + 1)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn host_and_tool_are_found_behind_the_options() {
        for line in [
            "ssh db1 pgbackrest --config=x",
            "ssh -p 2222 -4 -oBatchMode=yes -F /etc/x db1 pgbackrest",
            "ssh -vTp 2222 db1 -o BatchMode=yes pgbackrest",
            "ssh -T -- db1 pgbackrest",
            "/usr/bin/ssh db1 -- pgbackrest",
        ] {
            let command = words(line);
            let read = ssh(&command).unwrap();
            assert_eq!((read.place.as_str(), read.tool), ("db1", "pgbackrest"), "{line}");
        }
        let command = words("kubectl --context=a exec -n prod db-0 -- pgbackrest --config=x");
        let read = kubectl(&command).unwrap();
        assert_eq!((read.place.as_str(), read.tool), ("pod -n prod db-0", "pgbackrest"));
    }

    #[test]
    fn a_command_without_a_tool_leads_nowhere() {
        for line in ["ssh", "ssh db1", "ssh -p 2222 db1", "ssh -p", "ssh db1 -o x"] {
            assert_eq!(ssh(&words(line)), None, "{line}");
        }
        for line in [
            "kubectl",
            "kubectl exec db-0 pgbackrest",
            "kubectl exec db-0 --",
            "kubectl get -- x",
        ] {
            assert_eq!(kubectl(&words(line)), None, "{line}");
        }
    }
}
