//! `cargo xtask run` and `cargo xtask build`.

use crate::args::Arguments;
use crate::{process, site, supernode};
use anyhow::{Context as _, Result, bail};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const PORT_DEFAULT: u16 = 8080;
/// Where the embedded store lies unless `--data` says otherwise; git ignores it.
const DATA_DEFAULT: &str = ".kith-data";
/// How long a supernode may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a supernode may take to drain and end once asked.
const DRAIN_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);

/// `cargo xtask run`.
///
/// # Errors
/// When something does not build or the supernode does not start.
pub fn run(mut arguments: Arguments) -> Result<()> {
    let port: u16 = match arguments.option("--port")? {
        Some(port) => port
            .parse()
            .with_context(|| format!("--port is a number up to 65535, not `{port}`"))?,
        None => PORT_DEFAULT,
    };
    let address = match arguments.option("--http")? {
        Some(address) => address
            .parse()
            .with_context(|| format!("--http is ADDR:PORT, not `{address}`"))?,
        None => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
    };
    let data = arguments
        .option("--data")?
        .unwrap_or_else(|| DATA_DEFAULT.to_owned());
    let release = arguments.boolean("--release", true)?;
    let direct_only = arguments.flag("--direct-only");
    arguments.finish()?;

    if TcpStream::connect_timeout(&dialled(address), POLL).is_ok() {
        bail!("something already listens at {address}; choose another port with --port N");
    }
    let site = site::build(release)?;
    let binary = supernode::build(&site, release)?;
    let stop = stop_signal()?;
    let mut command = process::command(binary);
    command
        .arg("--http")
        .arg(address.to_string())
        .arg("--data")
        .arg(data)
        .arg("--udp")
        .arg(relay(address)?.to_string());
    if direct_only {
        command.args(["--websocket", "false"]);
    }
    let mut child = command.spawn().context("cannot start the supernode")?;
    if let Err(error) = wait_until_healthy(&mut child, address, stop) {
        end(&mut child)?;
        return Err(error);
    }
    if !stop.load(Ordering::Relaxed) {
        println!("Kith is running at {}", visitor_url(address));
    }
    let status = supervise(&mut child, stop)?;
    if !status.success() && !stop.load(Ordering::Relaxed) {
        bail!("the supernode ended with {status}");
    }
    Ok(())
}

/// `cargo xtask build`.
///
/// # Errors
/// When something does not build.
pub fn build(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    let site = site::build(true)?;
    let binary = supernode::build(&site, true)?;
    let megabytes = binary.metadata()?.len() as f64 / 1e6;
    println!("site:      {}", site.directory.display());
    println!("supernode: {} ({megabytes:.1} MB)", binary.display());
    Ok(())
}

/// Becomes true at the first Ctrl-C or SIGTERM.
fn stop_signal() -> Result<&'static AtomicBool> {
    static STOP: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
        .context("cannot listen for signals")?;
    Ok(&STOP)
}

fn wait_until_healthy(child: &mut Child, address: SocketAddr, stop: &AtomicBool) -> Result<()> {
    let start = Instant::now();
    while !is_healthy(address) && !stop.load(Ordering::Relaxed) {
        if let Some(status) = child.try_wait()? {
            bail!("the supernode did not start: it ended with {status}");
        }
        if start.elapsed() > START_LIMIT {
            bail!(
                "the supernode does not answer at {address} after {} s",
                START_LIMIT.as_secs()
            );
        }
        std::thread::sleep(POLL);
    }
    Ok(())
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&dialled(address), START_LIMIT)?;
        stream.set_read_timeout(Some(START_LIMIT))?;
        write!(
            stream,
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        let mut status_line = [0; 12];
        stream.read_exact(&mut status_line)?;
        Ok(&status_line == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// A server bound to "any address" is reached on this machine's own.
fn dialled(bound: SocketAddr) -> SocketAddr {
    match bound.ip().is_unspecified() {
        true => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), bound.port()),
        false => bound,
    }
}

/// Where STUN and TURN are served: where the page is, but on this machine's own address rather than on a
/// loopback one, which not every browser relays through.
fn relay_address(page: IpAddr) -> IpAddr {
    if !page.is_loopback() && !page.is_unspecified() {
        return page;
    }
    // Sends nothing: asks which address would be the sender's (RFC 5737 for the other end).
    let outward = || -> std::io::Result<IpAddr> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        Ok(socket.local_addr()?.ip())
    };
    outward().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Where the relay listens: the port of HTTP, by UDP, since it stands in invites, unless another program has it.
fn relay(http: SocketAddr) -> Result<SocketAddr> {
    let ip = relay_address(http.ip());
    let wanted = UdpSocket::bind((ip, http.port()));
    let has = wanted.or_else(|_| UdpSocket::bind((ip, 0)));
    Ok(has.context("no UDP port is free")?.local_addr()?)
}

/// What a person types. Browsers give `localhost` the powers of a secure origin.
fn visitor_url(bound: SocketAddr) -> String {
    let dialled = dialled(bound);
    match dialled.ip().is_loopback() {
        true => format!("http://localhost:{}", dialled.port()),
        false => format!("http://{dialled}"),
    }
}

/// Waits for the child; when asked to stop, ends it first.
fn supervise(child: &mut Child, stop: &AtomicBool) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if stop.load(Ordering::Relaxed) {
            return end(child);
        }
        std::thread::sleep(POLL);
    }
}

/// Asks the child to drain; ends it for good when it does not.
fn end(child: &mut Child) -> Result<ExitStatus> {
    let start = Instant::now();
    ask_to_end(child);
    while start.elapsed() < DRAIN_LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
    child.kill()?;
    Ok(child.wait()?)
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    use nix::{sys::signal, unistd::Pid};
    // A child that is gone already needs no asking.
    let _ = i32::try_from(child.id())
        .map(|id| signal::kill(Pid::from_raw(id), signal::Signal::SIGTERM));
}

#[cfg(not(unix))]
fn ask_to_end(child: &mut Child) {
    let _ = child.kill();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_an_address_that_a_browser_can_open() {
        let url = |address: &str| visitor_url(address.parse().unwrap());
        assert_eq!(url("127.0.0.1:8080"), "http://localhost:8080");
        assert_eq!(url("0.0.0.0:81"), "http://localhost:81");
        assert_eq!(url("192.0.2.7:81"), "http://192.0.2.7:81");
    }

    #[test]
    fn the_relay_is_where_the_page_is_unless_that_is_loopback() {
        let given: IpAddr = Ipv4Addr::new(192, 0, 2, 7).into();
        assert_eq!(relay_address(given), given);
        assert!(!relay_address(Ipv4Addr::UNSPECIFIED.into()).is_unspecified());
    }

    #[cfg(unix)]
    #[test]
    fn a_stopped_child_ends_by_sigterm() {
        use std::os::unix::process::ExitStatusExt as _;
        let mut child = process::command("sleep").arg("30").spawn().unwrap();
        let status = supervise(&mut child, &AtomicBool::new(true)).unwrap();
        assert_eq!(status.signal(), Some(15));
    }
}
