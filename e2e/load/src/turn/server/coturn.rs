//! coturn, Debian's or one that the operator built.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{CORE, Kind, Server, account, batch, free_address};
use crate::process::{Process, free_address as free_tcp};

/// Without what is not measured, and with peers on this machine.
const SETTINGS: [&str; 12] = [
    "-n",
    "--no-tls",
    "--no-dtls",
    "--lt-cred-mech",
    "--realm",
    "kith",
    "--listening-ip",
    "127.0.0.1",
    "--relay-ip",
    "127.0.0.1",
    "--allow-loopback-peers",
    "--no-cli",
];
/// Those that only some versions know.
const SOMETIMES: [&str; 2] = ["--no-tls", "--no-dtls"];

pub fn start(kind: Kind, path: &str, mux: bool) -> Result<Server> {
    let data = tempfile::tempdir()?;
    let help = Command::new(path).arg("--help").output();
    let help = help.with_context(|| format!("cannot start {path}"))?;
    let help = String::from_utf8_lossy(&[help.stdout, help.stderr].concat()).into_owned();
    let address = free_address()?;
    let mut command = batch(CORE, path);
    let known = |word: &&str| !SOMETIMES.contains(word) || help.contains(*word);
    command.args(SETTINGS.iter().filter(|word| known(word)));
    let account = account();
    let user = format!("{}:{}", account.user, account.password);
    command.args(["--listening-port", &address.port().to_string()]);
    command.args(["--user", &user, "--log-file", "/dev/null"]);
    command.arg("--pidfile").arg(data.path().join("pid"));
    command.arg("--userdb").arg(data.path().join("users"));
    if mux {
        let port = free_tcp()?.port().to_string();
        command.args([
            "--multiplex-peer",
            "--udp-gso",
            "--multiplex-peer-port",
            &port,
        ]);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = Process::start(&mut command)?;
    process.listening(address.into())?;
    let version = Command::new(path).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok(Server {
        kind,
        name: format!("coturn {version}{}", if mux { " mux gso" } else { "" }),
        process,
        http: None,
        address,
        ports: [0; 2],
        _data: data,
    })
}
