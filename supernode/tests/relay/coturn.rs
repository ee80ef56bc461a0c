//! coturn's test clients (Debian's package `coturn`): they allocate, permit, bind, send and count.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};

use crate::program::{SECRET, metric, start};

/// Echoes what it gets.
struct Peer {
    process: Child,
    address: SocketAddr,
}

impl Peer {
    fn start(ip: &str) -> Self {
        let free = UdpSocket::bind((ip, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let process = Command::new("turnutils_peer")
            .args(["-L", ip, "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("turnutils_peer; install it with: apt-get install coturn");
        Self { process, address }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Messages that each client sends.
pub const MESSAGES: usize = 40;

/// Runs `turnutils_uclient`; gives what it prints.
pub fn uclient(relay: SocketAddr, words: &[&str]) -> String {
    uclient_for(60, relay, words)
}

/// The same, for so many seconds at most.
fn uclient_for(seconds: u32, relay: SocketAddr, words: &[&str]) -> String {
    let output = Command::new("timeout")
        .args([
            &seconds.to_string(),
            "turnutils_uclient",
            "-p",
            &relay.port().to_string(),
        ])
        .args(["-c", "-n", &MESSAGES.to_string(), "-z", "5"])
        .args(words)
        .arg(relay.ip().to_string())
        .output()
        .expect("turnutils_uclient; install it with: apt-get install coturn");
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Whether all that was sent came back.
fn is_whole(text: &str, clients: usize) -> bool {
    let sent = format!("tot_send_msgs={}", MESSAGES * clients);
    let received = format!("tot_recv_msgs={}", MESSAGES * clients);
    text.contains(&sent) && text.contains(&received) && text.contains("Total lost packets 0 ")
}

/// As often as needed, at most. coturn's client draws a channel's number from the range of RFC 5766, of which
/// RFC 8656 leaves a quarter; otherwise it is refused, and ends at once.
const TRIES: usize = 250;

/// Runs `turnutils_uclient` until the numbers that it has drawn are good.
fn uclient_with_channels(relay: SocketAddr, words: &[&str]) -> String {
    for _ in 0..TRIES {
        let text = uclient(relay, words);
        if !text.contains("channel bind: error 400") {
            return text;
        }
    }
    panic!("no good numbers in {TRIES} tries by {words:?}");
}

/// Lets clients talk to an echo on `ip`, or to each other. Gives how many packets never left the server.
fn talk(ip: &str, clients: usize, words: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(
        folder.path(),
        ip,
        &["--turn-allocations-per-user-max", "600"],
    );
    let peer = Peer::start(ip);
    let (count, port) = (clients.to_string(), peer.address.port().to_string());
    let mut all = vec!["-m", &count, "-e", ip, "-r", &port, "-l", "171"];
    all.extend(words);
    let text = uclient_with_channels(relay, &all);
    assert!(is_whole(&text, clients), "{words:?}: {text}");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let relayed = metric(&server, "kith_turn_packets_total");
    let least = (MESSAGES * clients) as u64;
    assert!(relayed >= least, "{relayed} of {least}: {text}");
    metric(&server, "kith_turn_local_packets_total")
}

const ANN: [&str; 4] = ["-u", "ann", "-w", "pw"];

fn with_ann(words: &[&'static str]) -> Vec<&'static str> {
    [&ANN[..], words].concat()
}

#[test]
fn channels_pass() {
    talk("127.0.0.1", 1, &with_ann(&[]));
}

#[test]
fn indications_pass() {
    talk("127.0.0.1", 4, &with_ann(&["-s"]));
}

#[test]
fn ephemeral_credentials_pass() {
    talk("127.0.0.1", 2, &["-s", "-u", "ann", "-W", SECRET]);
}

#[test]
fn ipv6_passes() {
    talk("::1", 2, &with_ann(&["-x", "-s"]));
}

#[test]
fn tcp_passes_with_channels_and_indications() {
    talk("127.0.0.1", 1, &with_ann(&["-t"]));
    talk("127.0.0.1", 4, &with_ann(&["-t", "-s"]));
}

#[test]
fn clients_reach_each_other_within_the_server() {
    for words in [&["-y", "-s"][..], &["-y", "-s", "-t"], &["-y"]] {
        let local = talk("127.0.0.1", 2, &with_ann(words));
        assert!(local >= MESSAGES as u64, "{local} by {words:?}");
    }
}

#[test]
fn negative_protocol_tests_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(folder.path(), "127.0.0.1", &[]);
    // It waits for answers that it must not get.
    uclient_for(10, relay, &with_ann(&["-N", "-R", "-y"]));
    let text = uclient(relay, &with_ann(&["-y", "-s", "-m", "2"]));
    assert!(is_whole(&text, 2), "{text}");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert_eq!(metric(&server, "kith_turn_oversized_total"), 0);
}

#[test]
fn a_wrong_password_gets_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let text = uclient(relay, &["-u", "ann", "-w", "guess", "-y", "-s"]);
    assert!(!is_whole(&text, 1), "{text}");
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert_eq!(metric(&server, "kith_turn_allocations_total"), 0);
    assert!(metric(&server, "kith_turn_challenges_total") > 0);
}

#[test]
fn clients_learn_their_address() {
    for ip in ["127.0.0.1", "::1"] {
        let folder = tempfile::tempdir().unwrap();
        let (_server, relay) = start(folder.path(), ip, &[]);
        let output = Command::new("timeout")
            .args([
                "20",
                "turnutils_stunclient",
                "-p",
                &relay.port().to_string(),
                ip,
            ])
            .output()
            .expect("turnutils_stunclient; install it with: apt-get install coturn");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("reflexive addr") && text.contains(ip),
            "{text}"
        );
    }
}
