//! Raw bytes over UDP and TCP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::program::{metric, start};

/// A Binding request.
const BINDING: [u8; 20] = *b"\0\x01\0\0\x21\x12\xa4\x42transaction!";
/// An Allocate request without anything.
const ALLOCATE: [u8; 20] = *b"\0\x03\0\0\x21\x12\xa4\x42transaction!";

const PATIENCE: Duration = Duration::from_secs(20);

fn udp(relay: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(relay).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn tcp(relay: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(relay).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[test]
fn answers_to_strangers_are_short() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let socket = udp(relay);
    let mut answer = [0; 512];
    socket.send(&BINDING).unwrap();
    assert_eq!(socket.recv(&mut answer).unwrap(), 32);
    assert_eq!(
        (&answer[..2], &answer[8..20]),
        (&[1, 1][..], &b"transaction!"[..])
    );
    let port = socket.local_addr().unwrap().port() ^ 0x2112;
    assert_eq!(answer[26..28], port.to_be_bytes());
    socket.send(&ALLOCATE).unwrap();
    assert!(socket.recv(&mut answer).unwrap() <= 68);
    assert_eq!(answer[..2], [1, 0x13]);
}

#[test]
fn what_is_for_others_on_the_port_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let socket = udp(relay);
    // DTLS's first byte, then more than any slot holds, then something that is answered.
    socket.send(&[22; 100]).unwrap();
    socket.send(&[0; 3000]).unwrap();
    socket.send(&BINDING).unwrap();
    let mut answer = [0; 512];
    assert_eq!(socket.recv(&mut answer).unwrap(), 32);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(
        metric(&server, "kith_direct_strangers_total"),
        1,
        "it is no client of WebRTC-direct"
    );
    assert_eq!(metric(&server, "kith_turn_oversized_total"), 1);
}

#[test]
fn a_stream_is_cut_where_messages_end_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let mut stream = tcp(relay);
    let many = [BINDING, BINDING, BINDING].concat();
    let (first, second) = many.split_at(33);
    let mut answers = [0; 96];
    stream.write_all(first).unwrap();
    stream.read_exact(&mut answers[..32]).unwrap();
    stream.write_all(second).unwrap();
    stream.read_exact(&mut answers[32..]).unwrap();
    assert!(answers.chunks(32).all(|answer| answer[..2] == [1, 1]));
}

#[test]
fn a_stream_that_is_none_of_ours_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start(folder.path(), "127.0.0.1", &[]);
    for bytes in [&b"PUT / HTTP/1.1\r\n"[..], b"\x16\x03\x01", b"\0\x01\0\x03"] {
        let mut stream = tcp(relay);
        stream.write_all(bytes).unwrap();
        assert_eq!(stream.read(&mut [0; 9]).unwrap_or(0), 0, "{bytes:?}");
    }
}

#[test]
fn one_address_has_so_many_streams() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, relay) = start(folder.path(), "127.0.0.1", &[]);
    let mut streams: Vec<_> = (0..33).map(|_| tcp(relay)).collect();
    let mut answered = 0;
    for stream in &mut streams {
        let asked = stream.write_all(&BINDING);
        if asked.is_ok() && stream.read_exact(&mut [0; 32]).is_ok() {
            answered += 1;
        }
    }
    assert_eq!(answered, 32);
}
