//! RFC 6455 rule by rule, over a real socket. A message here is our ping of the session protocol with a
//! token, padded to any length by a key that nobody knows; that its pong comes shows that it was read whole.

use minicbor::Encoder;
use shared::base::codec::decode;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::session::wire::NodeFrame;

use crate::server::Server;
use crate::wire::{BINARY, CLOSE, Came, FIN, Form, LAST, PING, PONG, Wire, frame, frame_in};

const MASK: [u8; 4] = [9, 8, 7, 6];

/// A message of `len` bytes with `token`.
fn message(token: u32, len: usize) -> Vec<u8> {
    let with = |padding: usize| {
        let mut encoder = Encoder::new(Vec::new());
        encoder.array(2).unwrap().u8(4).unwrap().map(2).unwrap();
        encoder.u8(0).unwrap().u32(token).unwrap();
        encoder.u8(99).unwrap().bytes(&vec![0; padding]).unwrap();
        encoder.into_writer()
    };
    let overhead = with(len).len() - len;
    let message = (0..4)
        .map(|n| with(len - overhead + n))
        .find(|message| message.len() == len);
    message.unwrap_or_else(|| panic!("no message has {len} bytes"))
}

fn token_of(came: &Came) -> Option<u32> {
    let Came::Binary(bytes) = came else {
        return None;
    };
    match decode(bytes, FRAME_BYTES_MAX) {
        Ok(NodeFrame::Pong { token }) => Some(token),
        _ => None,
    }
}

/// What is to come back.
enum Expected {
    Token(u32),
    Pong(Vec<u8>),
}
use Expected::{Pong, Token};

#[tokio::test]
async fn what_the_rfc_allows_is_read() {
    let (server, _data) = Server::fresh(&["--frames-burst", "1000"]);
    let m = message(1, 40);
    let fragments = |count: usize| {
        let middle = frame(0x00, b"").repeat(count - 2);
        [frame(0x02, &m[..20]), middle, frame(LAST, &m[20..])].concat()
    };
    let between = |control: u8, payload: &[u8]| {
        [
            frame(0x02, &m[..7]),
            frame(control, payload),
            frame(LAST, &m[7..]),
        ]
        .concat()
    };
    let of = |len: usize| frame(BINARY, &message(2, len));
    let long = vec![b'x'; 125];
    let cases: Vec<(&str, Vec<u8>, Vec<Expected>)> = vec![
        (
            "§5.6 a message in one frame",
            frame(BINARY, &m),
            vec![Token(1)],
        ),
        (
            "§5.4 a message in two fragments",
            fragments(2),
            vec![Token(1)],
        ),
        (
            "§5.4 a message in 256 fragments, most of them empty",
            fragments(256),
            vec![Token(1)],
        ),
        (
            "§5.4 an empty first and an empty last fragment",
            [frame(0x02, b""), frame(0x00, &m), frame(LAST, b"")].concat(),
            vec![Token(1)],
        ),
        (
            "§5.5 a ping between fragments is answered first",
            between(PING, b"?"),
            vec![Pong(b"?".to_vec()), Token(1)],
        ),
        (
            "§5.5.3 a pong nobody asked for",
            between(PONG, b"!"),
            vec![Token(1)],
        ),
        (
            "§5.5.2 an empty ping",
            frame(PING, b""),
            vec![Pong(Vec::new())],
        ),
        (
            "§5.5 the longest ping",
            frame(PING, &long),
            vec![Pong(long.clone())],
        ),
        (
            "§5.5.2 a ping may be anything but text",
            frame(PING, &[0xff, 0xfe]),
            vec![Pong(vec![0xff, 0xfe])],
        ),
        (
            "§5.3 a mask of zeros",
            frame_in(Form::Short, BINARY, &m, [0; 4]),
            vec![Token(1)],
        ),
        (
            "§5.3 another mask for each frame",
            [
                frame_in(Form::Short, 0x02, &m[..5], MASK),
                frame(LAST, &m[5..]),
            ]
            .concat(),
            vec![Token(1)],
        ),
        ("§5.2 the longest 7-bit length", of(125), vec![Token(2)]),
        ("§5.2 the shortest 16-bit length", of(126), vec![Token(2)]),
        ("§5.2 the longest 16-bit length", of(0xffff), vec![Token(2)]),
        (
            "§5.2 the shortest 64-bit length, our longest message",
            of(0x1_0000),
            vec![Token(2)],
        ),
        (
            "two messages at once",
            [frame(BINARY, &m), of(50)].concat(),
            vec![Token(1), Token(2)],
        ),
    ];
    for (rule, bytes, expected) in cases {
        for step in [bytes.len(), 1_000, 1] {
            let chunks = bytes.chunks(step);
            if step == 1 && chunks.len() > 3_000 {
                continue;
            }
            let mut wire = Wire::ready(server.address).await;
            wire.stream.set_nodelay(true).unwrap();
            for chunk in chunks {
                wire.send(chunk).await;
            }
            for expected in &expected {
                let came = wire.next().await;
                match expected {
                    Token(token) => {
                        assert_eq!(token_of(&came), Some(*token), "{rule}, {step}: {came:?}")
                    }
                    Pong(payload) => {
                        assert_eq!(came, Came::Pong(payload.clone()), "{rule}, {step}")
                    }
                }
            }
            wire.send(&frame(BINARY, &message(77, 30))).await;
            assert_eq!(
                token_of(&wire.next().await),
                Some(77),
                "{rule}, {step}: and on it goes"
            );
        }
    }
}

#[tokio::test]
async fn what_the_rfc_forbids_ends_the_connection_with_the_right_code() {
    let (server, _data) = Server::fresh(&[]);
    let m = message(1, 40);
    let first = |byte: u8| frame(byte, b"");
    let fragment = frame(0x02, &m[..20]);
    let after_fragment = |bytes: Vec<u8>| [fragment.clone(), bytes].concat();
    let unmasked = |byte: u8| vec![byte, 3, 1, 2, 3];
    let largest = FRAME_BYTES_MAX;
    let mut cases: Vec<(String, Vec<u8>, u16)> = [
        ("§5.1 a frame without a mask", unmasked(BINARY), 1002),
        ("§5.1 a ping without a mask", unmasked(PING), 1002),
        ("§5.4 a fragment of nothing", frame(LAST, b"x"), 1002),
        ("§5.4 a middle of nothing", frame(0x00, b"x"), 1002),
        (
            "§5.4 a message within a message",
            after_fragment(frame(BINARY, &m)),
            1002,
        ),
        (
            "§5.4 a fragment within a message",
            after_fragment(frame(0x02, &m)),
            1002,
        ),
        ("§5.5 a ping in fragments", first(0x09), 1002),
        ("§5.5 a pong in fragments", first(0x0a), 1002),
        ("§5.5 a close in fragments", first(0x08), 1002),
        ("§5.5 a ping of 126 bytes", frame(PING, &[0; 126]), 1002),
        ("§5.5 a pong of 126 bytes", frame(PONG, &[0; 126]), 1002),
        ("§5.5 a close of 126 bytes", frame(CLOSE, &[3; 126]), 1002),
        (
            "§5.5 a ping of 65536 bytes",
            frame(PING, &vec![0; 0x1_0000]),
            1002,
        ),
        (
            "§5.2 16 bits for 125",
            frame_in(Form::Two, BINARY, &[0; 125], MASK),
            1002,
        ),
        (
            "§5.2 64 bits for 125",
            frame_in(Form::Eight, BINARY, &[0; 125], MASK),
            1002,
        ),
        (
            "§5.2 64 bits for 65535",
            frame_in(Form::Eight, BINARY, &[0; 0xffff], MASK),
            1002,
        ),
        (
            "§5.2 a length with the topmost bit",
            vec![BINARY, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            1002,
        ),
        ("§5.5.1 half a close code", frame(CLOSE, &[3]), 1002),
        (
            "§8.1 a close reason that is not UTF-8",
            frame(CLOSE, &[3, 232, 0xc3, 0x28]),
            1007,
        ),
        (
            "§8.1 a close reason that ends within a character",
            frame(CLOSE, &[3, 232, 0xe2, 0x82]),
            1007,
        ),
        ("§5.6 text", frame(0x81, b"hello"), 1003),
        ("§5.6 text that is not UTF-8", frame(0x81, &[0xff]), 1003),
        ("§5.6 text in fragments", frame(0x01, b"hel"), 1003),
        (
            "one byte more than we take",
            frame(BINARY, &vec![0; largest + 1]),
            1009,
        ),
        (
            "one byte more in fragments",
            [frame(0x02, &vec![0; largest]), frame(LAST, b"x")].concat(),
            1009,
        ),
        (
            "2⁶³ − 1 bytes, announced",
            vec![
                BINARY, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
            ],
            1009,
        ),
    ]
    .map(|(rule, bytes, code)| (rule.to_owned(), bytes, code))
    .into();
    for bit in [0x40, 0x20, 0x10] {
        cases.push((
            format!("§5.2 reserved bit {bit:x}"),
            first(BINARY | bit),
            1002,
        ));
    }
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        cases.push((
            format!("§5.2 reserved opcode {opcode:x}"),
            first(FIN | opcode),
            1002,
        ));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 0xffff_u16] {
        cases.push((
            format!("§7.4 close code {code}"),
            frame(CLOSE, &code.to_be_bytes()),
            1002,
        ));
    }
    let too_many = [frame(0x02, b""), frame(0x00, b"").repeat(256)].concat();
    cases.push(("257 fragments".into(), too_many, 1002));
    for (rule, bytes, code) in cases {
        let mut wire = Wire::ready(server.address).await;
        wire.send(&bytes).await;
        let mut came = wire.next().await;
        // What is too large is also said in our own words.
        if matches!(came, Came::Binary(_)) {
            came = wire.next().await;
        }
        assert_eq!(came, Came::Close(Some(code)), "{rule}");
    }
    Wire::ready(server.address).await;
}

#[tokio::test]
async fn closing_is_a_handshake() {
    let (server, _data) = Server::fresh(&[]);
    let with =
        |code: u16, reason: &str| frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat());
    let most = "é".repeat(61);
    let cases = [
        ("§5.5.1 no code", frame(CLOSE, b""), 1000),
        ("§5.5.1 the code comes back", with(1000, ""), 1000),
        ("a tab is closed", with(1001, "bye"), 1001),
        ("§7.4.2 a registered code", with(3000, ""), 3000),
        (
            "§7.4.2 a private code and the longest reason",
            with(4999, &most),
            4999,
        ),
        (
            "in the middle of a message",
            [frame(0x02, b"x"), with(1000, "")].concat(),
            1000,
        ),
        (
            "§5.5.1 nothing after it counts",
            [with(1000, ""), frame(BINARY, &message(1, 30))].concat(),
            1000,
        ),
    ];
    for (rule, bytes, code) in cases {
        let mut wire = Wire::ready(server.address).await;
        wire.send(&bytes).await;
        assert_eq!(wire.next().await, Came::Close(Some(code)), "{rule}");
        assert_eq!(
            wire.next().await,
            Came::End,
            "§7.1.1 the server ends it: {rule}"
        );
    }
}

#[tokio::test]
async fn the_upgrade_is_accepted_without_extensions_or_subprotocols() {
    let (server, _data) = Server::fresh(&[]);
    let offers = "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\
                  sec-websocket-protocol: chat, superchat\r\n";
    let wire = Wire::open(server.address, offers).await;
    let head = wire.head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(
        wire.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        "§1.3: {head}"
    );
    for absent in ["sec-websocket-extensions", "sec-websocket-protocol"] {
        assert!(!head.contains(absent), "{head}");
    }
}
