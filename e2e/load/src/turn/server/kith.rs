//! The release supernode.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, SocketAddrV4};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::{CORE, Kind, Server, account, batch};
use crate::peer::supernode::program;
use crate::process::Process;

/// Limits that the measurement does not reach.
const SETTINGS: [&str; 12] = [
    "--http",
    "127.0.0.1:0",
    "--udp",
    "127.0.0.1:0",
    "--turn-allow-private-peers",
    "true",
    "--turn-allocations-max",
    "20000",
    "--turn-allocations-per-user-max",
    "20000",
    "--turn-bytes-per-second-each",
    "0",
];

pub fn start() -> Result<Server> {
    let data = tempfile::tempdir()?;
    let program = program()?;
    let mut command = batch(CORE, program.to_str().context("an odd path")?);
    let account = account();
    let user = format!("{}:{}", account.user, account.password);
    command.args(SETTINGS).args(["--turn-user", &user]);
    command
        .arg("--data")
        .arg(data.path())
        .stderr(Stdio::piped());
    let mut process = Process::start(&mut command)?;
    let log = process.child().stderr.take().context("no log")?;
    let mut log = BufReader::new(log);
    let (mut relaying, mut http) = (None, None);
    while relaying.is_none() || http.is_none() {
        let mut line = String::new();
        if log.read_line(&mut line)? == 0 {
            bail!("the supernode ended at once");
        }
        if let Some((_, ports)) = line.split_once("relaying ports=[") {
            let (port, _) = ports.split_once(']').context("no port")?;
            relaying = Some(port.parse()?);
        }
        if let Some((_, port)) = line.split_once("listening port=") {
            http = Some(SocketAddr::from(([127, 0, 0, 1], port.trim().parse()?)));
        }
    }
    std::thread::spawn(move || {
        let lines = log.lines().map_while(Result::ok);
        lines.for_each(|line| eprintln!("supernode: {line}"));
    });
    Ok(Server {
        kind: Kind::Kith,
        name: "supernode".to_owned(),
        process,
        http,
        address: SocketAddrV4::new([127, 0, 0, 1].into(), relaying.context("no port")?),
        ports: [0; 2],
        _data: data,
    })
}
