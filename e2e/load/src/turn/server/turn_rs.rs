//! turn-rs (`turn-server` on crates.io).

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;

use super::{CORE, Kind, Server, account, batch, free_address};
use crate::process::Process;

/// How long it takes to listen, amply.
const START: Duration = Duration::from_millis(500);

pub fn start(kind: Kind, path: &str) -> Result<Server> {
    let data = tempfile::tempdir()?;
    let (address, account) = (free_address()?, account());
    let config = format!(
        "[server]\nport-range = \"49152..65535\"\nmax-threads = 1\nrealm = \"kith\"\n\
         [[server.interfaces]]\ntransport = \"udp\"\nlisten = \"{address}\"\nexternal = \"{address}\"\n\
         idle-timeout = 600\nmtu = 1500\n[log]\nlevel = \"error\"\nstdout = true\n\
         [auth]\nenable-hooks-auth = false\n[auth.static-credentials]\n{} = \"{}\"\n",
        account.user, account.password
    );
    let file = data.path().join("turn-server.toml");
    fs::write(&file, config)?;
    let mut command = batch(CORE, path);
    command.arg("--config").arg(file);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let process = Process::start(&mut command)?;
    std::thread::sleep(START);
    let version = Command::new(path).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout);
    let version = version.split_whitespace().last().unwrap_or_default();
    Ok(Server {
        kind,
        name: format!("turn-rs {version}"),
        process,
        http: None,
        address,
        ports: [0; 2],
        _data: data,
    })
}
