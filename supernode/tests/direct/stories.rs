//! What a client by WebRTC-direct can do.

use std::path::Path;

use nix::sys::signal::Signal;
use shared::base::id::EnvelopeId;
use shared::base::limits::{ENVELOPE_BYTES_MAX, FRAME_BYTES_MAX};
use shared::direct::route::DirectRoute;
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};

use crate::client::PATIENCE;
use crate::people::Person;
use crate::program::{fetch, metric};
use crate::server::Server;
use crate::session::Session;

/// Starts a supernode on this UDP address, and says how it is reached.
pub fn start(data: &Path, udp: &str, flags: &[&str]) -> (Server, DirectRoute) {
    let mut all = vec!["--udp", udp];
    all.extend(flags);
    let server = Server::start(data, &all);
    let document = fetch(&server, "/kith.json");
    let (_, rest) = document.split_once("\"direct:").expect(&document);
    let (text, _) = rest.split_once('"').unwrap();
    let route = DirectRoute::parse(&format!("direct:{text}")).unwrap();
    (server, route)
}

pub fn fresh(flags: &[&str]) -> (Server, DirectRoute, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (server, route) = start(folder.path(), "127.0.0.1:0", flags);
    (server, route, folder)
}

/// Claims a mailbox.
fn claimed(route: &DirectRoute, person: &Person) -> Session {
    let mut session = Session::ready(route);
    let claim = session.claim(person);
    session.send(&claim);
    assert!(matches!(session.receive(), NodeFrame::Claimed { .. }));
    session
}

#[test]
fn what_one_leaves_another_gets() {
    let (_server, route, _folder) = fresh(&[]);
    let ben = Person::new(2);
    let mut bens = claimed(&route, &ben);
    let mut anns = Session::ready(&route);
    let text = vec![7; ENVELOPE_BYTES_MAX];
    for id in 0..20 {
        let envelope = ben.envelope(id, 60, &text);
        anns.send(&ClientFrame::Deposit {
            request: id.into(),
            envelope,
        });
        let NodeFrame::Deposited { receipts } = anns.receive() else {
            panic!("no receipt")
        };
        assert_eq!(receipts[0].code, DepositCode::Ok);
    }
    let mut got = Vec::new();
    while got.len() < 20 {
        let NodeFrame::Deliver { deliveries } = bens.receive() else {
            continue;
        };
        let up_to = deliveries.iter().map(|delivery| delivery.sequence).max();
        bens.send(&ClientFrame::Ack {
            up_to: up_to.unwrap(),
        });
        got.extend(deliveries);
    }
    let ids: Vec<_> = got.iter().map(|delivery| delivery.id).collect();
    let sent: Vec<_> = (0..20).map(|id| EnvelopeId([id; 16])).collect();
    assert_eq!(ids, sent);
    assert!(got.iter().all(|delivery| delivery.bytes == text));
}

#[test]
fn a_frame_may_be_as_long_as_frames_may_be() {
    let (_server, route, _folder) = fresh(&[]);
    let mut session = Session::ready(&route);
    // Junk of the greatest length is junk; a byte more is too much for the carrier already.
    session.client.send(&vec![0; FRAME_BYTES_MAX]);
    let NodeFrame::Refused { code, .. } = session.receive() else {
        panic!("junk was taken")
    };
    assert_eq!(code, Refusal::BadFrame);
    let mut session = Session::ready(&route);
    session.client.send(&vec![0; FRAME_BYTES_MAX + 1]);
    assert!(session.client.until(PATIENCE, |client| client.is_over));
    assert!(session.client.messages.is_empty());
}

#[test]
fn both_families_of_addresses_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, route) = start(folder.path(), "[::1]:0", &[]);
    assert!(route.address.is_ipv6());
    assert!(Session::ready(&route).works(1));
}

#[test]
fn a_restart_keeps_the_route() {
    let folder = tempfile::tempdir().unwrap();
    let (server, before) = start(folder.path(), "127.0.0.1:0", &[]);
    let udp = before.address.to_string();
    let mut session = Session::ready(&before);
    server.signal(Signal::SIGTERM);
    // It says why before it goes.
    let NodeFrame::Refused { code, .. } = session.receive() else {
        panic!("no reason")
    };
    assert_eq!(code, Refusal::Draining);
    assert!(session.client.until(PATIENCE, |client| client.is_over));
    server.ended();
    let (_server, after) = start(folder.path(), &udp, &[]);
    assert_eq!(before, after);
    assert!(Session::ready(&before).works(1));
}

#[test]
fn who_moves_to_another_address_keeps_the_session() {
    let (server, route, _folder) = fresh(&[]);
    let mut session = Session::ready(&route);
    assert!(session.works(1));
    for moves in 1..4 {
        session.client.move_away();
        assert!(session.works(1 + moves));
        assert!(session.client.until(PATIENCE, |client| client.asked > 0));
        session.client.asked = 0;
    }
    assert_eq!(metric(&server, "kith_direct_moved_total"), 3);
    assert_eq!(metric(&server, "kith_direct_opened_total"), 1);
}

#[test]
fn without_websocket_there_is_only_direct() {
    let (server, route, _folder) = fresh(&["--websocket", "false"]);
    assert!(!fetch(&server, "/kith.json").contains("\"ws\""));
    assert!(fetch(&server, "/ws").starts_with("HTTP/1.1 404"));
    assert!(Session::ready(&route).works(1));
}

#[test]
fn an_operator_is_told_the_routes() {
    let folder = tempfile::tempdir().unwrap();
    let (server, route) = start(folder.path(), "127.0.0.1:0", &[]);
    let ask = |flags: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_supernode"))
            .args(["routes", "--data"])
            .arg(folder.path())
            .args(flags)
            .output()
            .unwrap()
    };
    let udp = route.address.to_string();
    let told = ask(&["--udp", &udp, "--routes", "wss://node.example/ws"]);
    assert!(told.status.success());
    let text = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(fetch(&server, "/kith.json").contains(lines[0]));
    assert_eq!(lines[1..3], ["wss://node.example/ws", &route.to_text()]);
    assert!(text.contains('█'));
    let none = ask(&[]);
    assert!(!none.status.success());
    assert!(String::from_utf8(none.stderr).unwrap().contains("set udp"));
}
