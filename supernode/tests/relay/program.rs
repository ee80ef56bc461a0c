//! A supernode that relays.

use std::net::SocketAddr;
use std::path::Path;

use crate::server::Server;

/// What credentials with an end are made with.
pub const SECRET: &str = "north";

/// Starts one that relays on `ip`, and says where.
pub fn start(data: &Path, ip: &str, flags: &[&str]) -> (Server, SocketAddr) {
    let udp = match ip.contains(':') {
        true => format!("[{ip}]:0"),
        false => format!("{ip}:0"),
    };
    let mut all = vec![
        "--udp",
        &udp,
        "--turn-user",
        "ann:pw",
        "--turn-secret",
        SECRET,
        "--turn-allow-private-peers",
        "true",
    ];
    all.extend(flags);
    let server = Server::start(data, &all);
    let log = server.log.lock().unwrap().clone();
    let (_, ports) = log.split_once("relaying ports=[").expect(&log);
    let (port, _) = ports.split_once(']').unwrap();
    let address = SocketAddr::new(ip.parse().unwrap(), port.parse().unwrap());
    (server, address)
}

/// The whole response for a path.
pub fn fetch(server: &Server, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// The value of a metric.
pub fn metric(server: &Server, name: &str) -> u64 {
    let text = fetch(server, "/metrics");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} in {text}"))
        .parse()
        .unwrap()
}
