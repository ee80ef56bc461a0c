//! How much is enough.

use std::time::Duration;

use rtc_sctp::PayloadProtocolIdentifier;

use crate::client::{Client, PATIENCE};
use crate::session::Session;
use crate::stories::fresh;

const SILENCE: Duration = Duration::from_millis(700);

#[test]
fn so_many_clients_are_served_and_no_more() {
    let (_server, route, _folder) = fresh(&["--direct-clients-max", "2"]);
    let mut first = Session::ready(&route);
    let second = Client::dial(&route);
    let mut third = Client::new(&route);
    assert!(!third.until(SILENCE, |client| client.is_writable));
    assert!(first.works(1));
    // One that breaks the rules is gone at once, and makes room.
    drop(second);
    first
        .client
        .send_as(0, b"text", PayloadProtocolIdentifier::String);
    assert!(first.client.until(PATIENCE, |client| client.is_over));
    assert!(third.until(PATIENCE, |client| !client.messages.is_empty()));
}

#[test]
fn one_source_has_so_many_clients() {
    let (_server, route, _folder) = fresh(&["--sockets-per-source-max", "1"]);
    let _first = Client::dial(&route);
    let mut second = Client::new(&route);
    assert!(!second.until(SILENCE, |client| client.is_writable));
}

#[test]
fn there_is_one_stream_and_what_it_carries_is_binary() {
    let (_server, route, _folder) = fresh(&[]);
    for (stream, kind) in [
        (0, PayloadProtocolIdentifier::String),
        (0, PayloadProtocolIdentifier::Dcep),
        (1, PayloadProtocolIdentifier::Binary),
    ] {
        let mut session = Session::ready(&route);
        session.client.send_as(stream, b"x", kind);
        let ended = session.client.until(PATIENCE, |client| client.is_over);
        assert!(ended, "{stream} {kind:?}");
    }
}
