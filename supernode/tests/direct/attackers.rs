//! Who would like to be somebody else, or a burden.

use std::net::UdpSocket;
use std::time::Duration;

use shared::base::sign::{Purpose, verify_signature};
use shared::direct::binding;
use shared::session::wire::{NodeFrame, Refusal};

use crate::client::Client;
use crate::people::Person;
use crate::program::metric;
use crate::session::Session;
use crate::stories::fresh;

/// How long silence must last to be one.
const SILENCE: Duration = Duration::from_millis(700);

#[test]
fn a_man_in_the_middle_is_found_out_by_both() {
    let (_server, route, _folder) = fresh(&[]);
    // He dials the supernode with a certificate of his own, and shows another to the page, which binds
    // its session to what it sees.
    let mut his = Session::dial(&route);
    let seen_by_page = binding(&[1; 32], &[2; 32]);
    assert_ne!(his.transcript.binding, seen_by_page);
    his.transcript.binding.clone_from(&seen_by_page);
    assert!(!his.hello(), "the page finds that it is not the supernode");
    // And the supernode does not take what a device signed for the other connection.
    let claim = his.claim(&Person::new(2));
    his.send(&claim);
    let NodeFrame::Refused { code, .. } = his.receive() else {
        panic!("a claim was taken that was made for another connection")
    };
    assert_eq!(code, Refusal::BadProof);
}

#[test]
fn a_welcome_is_worth_nothing_on_another_connection() {
    let (_server, route, _folder) = fresh(&[]);
    let mut first = Session::dial(&route);
    let second = Session::dial(&route);
    let signature = first.welcome();
    let signed = first.transcript.for_node();
    let node = first.transcript.node.0;
    assert!(verify_signature(&node, Purpose::SessionNode, &signed, &signature).is_ok());
    // Same nonces even: what differs are the certificates.
    let mut replayed = first.transcript.clone();
    replayed.binding.clone_from(&second.transcript.binding);
    let verified = verify_signature(
        &node,
        Purpose::SessionNode,
        &replayed.for_node(),
        &signature,
    );
    assert!(verified.is_err());
}

#[test]
fn who_does_not_know_a_route_hears_nothing() {
    let (server, route, _folder) = fresh(&[]);
    let mut client = Client::new(&route);
    client.node_password = "not the password of this one".to_owned();
    assert!(!client.until(SILENCE, |client| client.is_writable));
    // DTLS without a check before it.
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_read_timeout(Some(SILENCE)).unwrap();
    stranger.send_to(&[22; 200], route.address).unwrap();
    assert!(stranger.recv(&mut [0; 9]).is_err());
    std::thread::sleep(Duration::from_millis(1100));
    assert!(metric(&server, "kith_direct_strangers_total") >= 2);
    assert_eq!(metric(&server, "kith_direct_clients"), 0);
}

#[test]
fn a_name_that_is_none_is_left_to_the_stun_server() {
    let (server, route, _folder) = fresh(&[]);
    let mut client = Client::new(&route);
    client.ufrag = "a-b-".to_owned();
    // It is answered as any Binding request is, and nobody is remembered.
    assert!(client.until(SILENCE * 4, |client| client.is_writable));
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(metric(&server, "kith_direct_clients"), 0);
    assert!(metric(&server, "kith_stun_bindings_total") >= 1);
}

#[test]
fn junk_from_somebody_elses_address_does_not_end_a_session() {
    let (_server, route, _folder) = fresh(&[]);
    let mut session = Session::ready(&route);
    for first in 0..=255u8 {
        for len in [1, 13, 14, 100, 1400] {
            let mut junk = vec![first; len];
            junk.iter_mut()
                .skip(1)
                .for_each(|byte| *byte = byte.wrapping_mul(31) ^ 0xfe);
            session.client.socket.send_to(&junk, route.address).unwrap();
        }
    }
    assert!(session.works(1));
}

#[test]
fn records_that_look_like_dtls_and_are_not_do_not_end_a_session() {
    let (_server, route, _folder) = fresh(&[]);
    let mut session = Session::ready(&route);
    for kind in 20..=26u8 {
        for epoch in 0..=2u8 {
            for body in [&[][..], &[1, 0], &[2, 40], &[0; 64], &[255; 300]] {
                let len = (body.len() as u16).to_be_bytes();
                let head = [kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 99];
                let record = [&head[..], &len, body].concat();
                session
                    .client
                    .socket
                    .send_to(&record, route.address)
                    .unwrap();
            }
        }
    }
    assert!(session.works(1));
}

#[test]
fn a_check_in_another_name_from_somebodys_address_changes_nothing() {
    let (_server, route, _folder) = fresh(&[]);
    let mut session = Session::ready(&route);
    let mut other = Session::ready(&route);
    // As if it came from there: a new name, and one of a client that is somewhere else.
    let mut forger = Client::new(&route);
    forger.socket = session.client.socket.try_clone().unwrap();
    forger.check(&forger.node_password);
    forger.ufrag.clone_from(&other.client.ufrag);
    forger.password.clone_from(&other.client.password);
    forger.check(&forger.node_password);
    for token in 1..5 {
        assert!(session.works(token) && other.works(token));
        std::thread::sleep(Duration::from_millis(120));
    }
}
