//! Three `nats-server`s that keep everything threefold, each killed and started again at will.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const SERVERS: usize = 3;

pub struct Servers {
    folder: TempDir,
    ports: Vec<u16>,
    running: [Option<Child>; SERVERS],
}

impl Servers {
    /// Starts three.
    pub fn start() -> Self {
        let mut servers = Self {
            folder: tempfile::tempdir().unwrap(),
            ports: free_ports(2 * SERVERS),
            running: [const { None }; SERVERS],
        };
        for number in 0..SERVERS {
            servers.revive(number);
        }
        servers
    }

    /// Addresses for clients.
    pub fn addresses(&self) -> Vec<String> {
        let ports = self.ports.iter().take(SERVERS);
        ports
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .collect()
    }

    /// As a power cut would.
    pub fn kill(&mut self, number: usize) {
        let mut server = self.running[number].take().expect("a running server");
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Starts one again, on what it has stored.
    pub fn revive(&mut self, number: usize) {
        let home = self.folder.path().join(number.to_string());
        fs::create_dir_all(&home).unwrap();
        let (clients, cluster) = self.ports.split_at(SERVERS);
        let routes: Vec<_> = cluster
            .iter()
            .map(|port| format!("nats-route://127.0.0.1:{port}"))
            .collect();
        let settings = format!(
            "server_name: s{number}\n\
             listen: \"127.0.0.1:{}\"\n\
             jetstream {{ store_dir: {:?} }}\n\
             cluster {{ name: kith, listen: \"127.0.0.1:{}\", routes: {routes:?} }}\n",
            clients[number],
            home.join("store"),
            cluster[number],
        );
        let file = home.join("nats.conf");
        fs::write(&file, settings).unwrap();
        let log = File::create(home.join("log")).unwrap();
        let server = Command::new(program())
            .arg("-c")
            .arg(file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.running[number] =
            Some(server.expect("nats-server; install it with: apt-get install nats-server"));
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in self.running.iter_mut().flatten() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn program() -> PathBuf {
    std::env::var_os("KITH_NATS_SERVER").map_or_else(
        || {
            let packaged = PathBuf::from("/usr/sbin/nats-server");
            if packaged.exists() {
                packaged
            } else {
                "nats-server".into()
            }
        },
        Into::into,
    )
}

fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<_> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let ports = listeners
        .iter()
        .map(|listener| listener.local_addr().unwrap().port());
    ports.collect()
}
