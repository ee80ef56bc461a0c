//! A network of a journey's own, whose address can change as a phone's does between one Wi-Fi and the
//! next: a Linux network namespace with loopback and one interface.
//!
//! A namespace is entered by starting a program in it, so [`inside`] runs the test once more there.
//! Root may always make one; others may where the kernel lets them have a user namespace too.

use anyhow::{Context, Result, bail, ensure};
use std::env;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::process::Command;

use crate::settings;

/// The test that runs inside its namespace.
const INSIDE: &str = "KITH_INSIDE_NETWORK";
const INTERFACE: &str = "kith0";
/// What the interface is plugged into; nobody is there.
const FAR_END: &str = "kith1";

/// The interface of the namespace that this program is in.
pub struct Network {
    address: Ipv4Addr,
}

/// An address of this machine that every browser dials: not a loopback one.
///
/// # Errors
/// When the machine has none.
pub fn own_address() -> Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    // Sends nothing: asks which address would be the sender's (RFC 5737 for the other end).
    socket
        .connect((Ipv4Addr::new(192, 0, 2, 1), 9))
        .context("this machine has no address but loopback")?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(ip) => Ok(ip),
        IpAddr::V6(_) => bail!("not an IPv4 address"),
    }
}

/// Runs the calling test, `name`, in a namespace of its own: `story` is told there, and fails the test
/// when it panics.
///
/// # Panics
/// When the namespace cannot be made (the message says what is missing) or the test fails in it.
pub fn inside(name: &str, story: impl FnOnce()) {
    if env::var(INSIDE).is_ok_and(|inside| inside == name) {
        return story();
    }
    let again = || -> Result<()> {
        let root = nix::unistd::geteuid().is_root();
        let namespaces: &[&str] = if root {
            &["--net"]
        } else {
            &["--user", "--map-root-user", "--net"]
        };
        let unshare = |program: &str| {
            let mut command = Command::new("unshare");
            command.args(namespaces).arg("--").arg(program);
            command
        };
        let made = unshare("true")
            .output()
            .context("`unshare` is missing (Debian's package util-linux)")?;
        ensure!(
            made.status.success(),
            "this machine gives no network namespace, which needs root or unprivileged user namespaces: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let program = env::current_exe()?;
        let status = unshare(program.to_str().context("a path that is text")?)
            .args([name, "--nocapture", "--test-threads=1"])
            .env(INSIDE, name)
            .status()?;
        ensure!(
            status.success(),
            "{name} failed inside its network; see above"
        );
        Ok(())
    };
    again().unwrap_or_else(|error| panic!("{name}: {error:#}"));
}

impl Network {
    /// Brings loopback and an interface up; it gets `address`.
    ///
    /// # Errors
    /// When `ip` is missing or refuses.
    pub fn start(address: Ipv4Addr) -> Result<Self> {
        ensure!(
            env::var_os(INSIDE).is_some(),
            "the machine's own network is not to be touched"
        );
        ip(&["link", "set", "lo", "up"])?;
        ip(&[
            "link", "add", INTERFACE, "type", "veth", "peer", "name", FAR_END,
        ])?;
        ip(&["link", "set", FAR_END, "up"])?;
        let mut network = Self { address };
        network.join(address)?;
        Ok(network)
    }

    /// The interface loses its address, and with it every route.
    ///
    /// # Errors
    /// When `ip` refuses.
    pub fn leave(&mut self) -> Result<()> {
        ip(&["address", "flush", "dev", INTERFACE])?;
        ip(&["link", "set", INTERFACE, "down"])
    }

    /// The interface gets `address`, and all the world is behind it.
    ///
    /// # Errors
    /// When `ip` refuses.
    pub fn join(&mut self, address: Ipv4Addr) -> Result<()> {
        self.address = address;
        ip(&["address", "add", &format!("{address}/24"), "dev", INTERFACE])?;
        ip(&["link", "set", INTERFACE, "up"])?;
        ip(&["route", "add", "default", "dev", INTERFACE])
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }
}

fn ip(words: &[&str]) -> Result<()> {
    let output = Command::new(settings::ip())
        .args(words)
        .output()
        .context("`ip` is missing (Debian's package iproute2)")?;
    ensure!(
        output.status.success(),
        "ip {}: {}",
        words.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
