//! Over TLS, by coturn's client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::coturn::{MESSAGES, uclient};
use crate::program::{metric, start};
use crate::server::Server;

fn start_with_certificate(folder: &std::path::Path) -> (Server, SocketAddr) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = [
        ("certificate.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ];
    let paths = files.map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let data = folder.join("data");
    let (server, relay) = start(
        &data,
        "127.0.0.1",
        &[
            "--turn-tls",
            "127.0.0.1:0",
            "--tls-certificate",
            &paths[0],
            "--tls-key",
            &paths[1],
        ],
    );
    let log = server.log.lock().unwrap().clone();
    let (_, ports) = log.split_once("tls=[").expect(&log);
    let (port, _) = ports.split_once(']').unwrap();
    (server, SocketAddr::new(relay.ip(), port.parse().unwrap()))
}

#[test]
fn tls_passes() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start_with_certificate(folder.path());
    let text = uclient(
        relay,
        &["-S", "-t", "-y", "-s", "-m", "2", "-u", "ann", "-w", "pw"],
    );
    let wanted = format!("tot_recv_msgs={}", 2 * MESSAGES);
    assert!(text.contains(&wanted), "{text}");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert!(metric(&server, "kith_turn_packets_total") >= 2 * MESSAGES as u64);
}

#[test]
fn what_is_not_tls_is_told_so_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start_with_certificate(folder.path());
    let mut stream = TcpStream::connect(relay).unwrap();
    stream
        .write_all(b"\0\x01\0\0\x21\x12\xa4\x42transaction!")
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    // Nothing, or an alert (RFC 8446 §6).
    assert!(answer.first().is_none_or(|kind| *kind == 21), "{answer:?}");
}

#[test]
fn a_certificate_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_supernode"))
        .args(["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"])
        .args(["--turn-tls", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && text.contains("tls_certificate"),
        "{text}"
    );
}
