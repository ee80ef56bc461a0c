//! MQTT 3.1.1 (OASIS), as much as publishing and receiving takes, over WebSocket.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::{Context, Result, bail, ensure};

use super::{Heard, Talk};
use crate::{socket, websocket};

const CONNACK: u8 = 2;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const SUBACK: u8 = 9;

/// A connected client.
pub struct Mqtt {
    topic: String,
    qos: u8,
    body: Vec<u8>,
    packets: u16,
    /// Bytes of packets that came in more than one frame.
    stream: Vec<u8>,
}

impl Mqtt {
    /// Publishes messages of `len` bytes to `topic`.
    #[must_use]
    pub fn new(topic: &str, qos: u8, len: usize) -> Self {
        Self {
            topic: topic.to_owned(),
            qos,
            body: vec![7; len],
            packets: 0,
            stream: Vec::new(),
        }
    }

    fn packet(&mut self, packet: &Packet<'_>, answer: &mut Vec<u8>) -> Result<Heard> {
        let mut heard = Heard::default();
        match packet.kind >> 4 {
            PUBLISH => {
                heard.delivered = 1;
                if packet.kind & 0b110 != 0 {
                    let (len, rest) = packet.body.split_first_chunk().context("no topic")?;
                    let id = rest.get(usize::from(u16::from_be_bytes(*len))..);
                    let id = id
                        .and_then(|rest| rest.first_chunk::<2>())
                        .context("no id")?;
                    websocket::write(&[PUBACK << 4, 2, id[0], id[1]], answer);
                }
            }
            PUBACK => heard.answered = 1,
            other => bail!("unexpected packet {other}"),
        }
        Ok(heard)
    }
}

impl Talk for Mqtt {
    fn say(&mut self, _: u64, out: &mut Vec<u8>) {
        let mut body = string(&self.topic);
        if self.qos > 0 {
            // 0 is no packet identifier (§2.3.1).
            self.packets = self.packets.checked_add(1).unwrap_or(1);
            body.extend(self.packets.to_be_bytes());
        }
        body.extend_from_slice(&self.body);
        websocket::write(&packet(PUBLISH << 4 | self.qos << 1, &body), out);
    }

    fn hear(&mut self, bytes: &[u8], answer: &mut Vec<u8>) -> Result<(usize, Heard)> {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..)
            && let Some(frame) = websocket::read(rest)
        {
            used += frame.payload.end;
            ensure!(frame.binary, "the broker closed the session");
            self.stream.extend_from_slice(&rest[frame.payload]);
        }
        let stream = std::mem::take(&mut self.stream);
        let mut all = Heard::default();
        let mut rest = stream.as_slice();
        while let Some((packet, after)) = Packet::read(rest) {
            let heard = self.packet(&packet, answer)?;
            all.delivered += heard.delivered;
            all.answered += heard.answered;
            rest = after;
        }
        self.stream = rest.to_vec();
        Ok((used, all))
    }
}

struct Packet<'a> {
    kind: u8,
    body: &'a [u8],
}

impl<'a> Packet<'a> {
    fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (kind, mut rest) = bytes.split_first()?;
        let mut len = 0;
        for shift in [0, 7, 14, 21] {
            let (byte, after) = rest.split_first()?;
            rest = after;
            len |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (body, rest) = rest.split_at_checked(len)?;
        Some((Self { kind: *kind, body }, rest))
    }
}

/// Connects as `name`; with a session that outlives the connection unless it is `clean`. Subscribes
/// to `topic`, if any.
///
/// # Errors
/// When the broker does not do its part.
pub fn connect(
    address: SocketAddr,
    name: &str,
    clean: bool,
    subscribe: Option<(&str, u8)>,
) -> Result<TcpStream> {
    let mut stream = socket::connect(Ipv4Addr::LOCALHOST, address)?;
    websocket::handshake(&mut stream, address, "/mqtt", Some("mqtt"))?;
    let mut body = string("MQTT");
    body.extend([4, u8::from(clean) << 1, 0, 0]);
    body.extend(string(name));
    websocket::send(&packet(1 << 4, &body), &mut stream)?;
    expect(&mut stream, CONNACK)?;
    if let Some((topic, qos)) = subscribe {
        let mut body = vec![0, 1];
        body.extend(string(topic));
        body.push(qos);
        websocket::send(&packet(8 << 4 | 2, &body), &mut stream)?;
        expect(&mut stream, SUBACK)?;
    }
    Ok(stream)
}

/// Receives one frame that is one packet of `kind`.
fn expect(stream: &mut TcpStream, kind: u8) -> Result<()> {
    let bytes = websocket::receive(stream)?;
    let (packet, _) = Packet::read(&bytes).context("no packet")?;
    ensure!(
        packet.kind >> 4 == kind,
        "packet {} instead of {kind}",
        packet.kind >> 4
    );
    Ok(())
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    let mut len = body.len();
    loop {
        let more = u8::from(len > 0x7f) << 7;
        out.push((len & 0x7f) as u8 | more);
        len >>= 7;
        if len == 0 {
            break;
        }
    }
    out.extend_from_slice(body);
    out
}

fn string(text: &str) -> Vec<u8> {
    let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
    [&len.to_be_bytes(), text.as_bytes()].concat()
}
