//! DTLS, SCTP over it, and one stream of messages over that: sockets and clocks are others' business.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use rtc_dtls::config::HandshakeConfig;
use rtc_dtls::endpoint::{Endpoint as Dtls, EndpointEvent};
use rtc_sctp::{
    Association, AssociationHandle, DatagramEvent, Endpoint as Sctp, EndpointConfig, Event,
    Payload, PayloadProtocolIdentifier, ServerConfig, StreamEvent, TransportConfig,
};
use rtc_shared::{TransportContext, TransportProtocol};
use shared::base::hash::sha256;
use shared::direct::{self, Fingerprint, MESSAGE_BYTES_MAX, STREAM};

use super::certificate::Certificate;
use super::packet::{self, Judged};
use super::record;

/// Bytes that may have come and not been read yet: what a client may have on its way.
const RECEIVE_BYTES_MAX: u32 = 256 * 1024;
/// Bytes of messages that are on their way to a client, or next. More wait outside.
const SEND_BYTES_MAX: usize = 256 * 1024;

/// Bytes that a client may send until its data channel is open: a handshake with the largest certificates takes a
/// fifth, and what cannot be decrypted yet is kept.
pub const OPENING_BYTES_MAX: usize = 32 * 1024;
/// Records of DTLS, and fragments of unencrypted handshakes, that a client may send until then. Putting fragments
/// together takes the cube of their number.
pub const OPENING_PARTS_MAX: usize = 128;
/// Associations that may be begun until one is up: a browser whose first answer was lost begins again.
const ASSOCIATIONS_MAX: usize = 8;
/// What data may cost in memory until a message is whole and read.
pub const UNREAD_COST_MAX: usize = 4 * RECEIVE_BYTES_MAX as usize;

/// What all carriers share.
pub struct Settings {
    dtls: Arc<HandshakeConfig>,
    endpoint: Arc<EndpointConfig>,
    sctp: Arc<ServerConfig>,
    certificate: Fingerprint,
}

impl Settings {
    /// With the supernode's certificate.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn new(certificate: &Certificate) -> anyhow::Result<Self> {
        let transport = TransportConfig::default()
            .with_sctp_port(direct::SCTP_PORT)
            .with_max_receive_buffer_size(RECEIVE_BYTES_MAX)
            .with_max_message_size(MESSAGE_BYTES_MAX as u32);
        Ok(Self {
            dtls: Arc::new(certificate.handshake()?),
            endpoint: Arc::new(EndpointConfig::new()),
            sctp: Arc::new(ServerConfig::new(transport)),
            certificate: certificate.fingerprint(),
        })
    }
}

/// What a carrier tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Carried {
    /// It works; with the channel binding of its certificates.
    Up(Vec<u8>),
    /// A message came.
    Message(Vec<u8>),
}

/// The carrier has ended: the client closed it, or broke the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Over {
    /// By the client.
    #[error("closed by the client")]
    Closed,
    /// What came is not allowed.
    #[error("the client broke the protocol")]
    Violation,
    /// A message is larger than it may be.
    #[error("the message is too large")]
    TooLarge,
    /// Something broke here.
    #[error("broken by what came")]
    Broken,
}

/// One connection.
pub struct Carrier {
    dtls: Dtls,
    sctp: Sctp,
    /// Those that are being established; the one that is.
    associations: Vec<(AssociationHandle, Association)>,
    certificate: Fingerprint,
    is_up: bool,
    opening_bytes: usize,
    opening_parts: usize,
    /// What data that came has cost since a message was read.
    unread_cost: usize,
    told: VecDeque<Carried>,
    outgoing: VecDeque<BytesMut>,
}

/// DTLS and SCTP tell connections apart by address. Here each has its own, wherever its datagrams come from.
fn anywhere() -> SocketAddr {
    TransportContext::default().peer_addr
}

impl Carrier {
    /// Waits for a client's first flight.
    pub fn new(settings: &Settings) -> Self {
        let here = TransportContext::default().local_addr;
        let udp = TransportProtocol::UDP;
        let sctp = (Arc::clone(&settings.endpoint), Arc::clone(&settings.sctp));
        Self {
            dtls: Dtls::new(here, udp, Some(Arc::clone(&settings.dtls))),
            sctp: Sctp::new(here, udp, sctp.0, Some(sctp.1)),
            associations: Vec::new(),
            certificate: settings.certificate,
            is_up: false,
            opening_bytes: 0,
            opening_parts: 0,
            unread_cost: 0,
            told: VecDeque::new(),
            outgoing: VecDeque::new(),
        }
    }

    /// Takes a datagram. Says whether it carried something that only the client can have made.
    ///
    /// # Errors
    /// [`Over`].
    pub fn receive(&mut self, now: Instant, datagram: &[u8]) -> Result<bool, Over> {
        if !self.is_up {
            self.opening_bytes = self.opening_bytes.saturating_add(datagram.len());
            let Some((records, fragments)) = record::handshake_parts(datagram) else {
                return Ok(false);
            };
            self.opening_parts += records + fragments;
            if self.opening_bytes > OPENING_BYTES_MAX || self.opening_parts > OPENING_PARTS_MAX {
                return Err(Over::Violation);
            }
        } else if !record::are_of_open_channel(datagram) {
            return Ok(false);
        }
        // What cannot be read is dropped (RFC 6347 §4.1.2.7): anybody may have sent it.
        let events = self.dtls.read(now, anywhere(), None, datagram.into());
        let mut is_proven = false;
        let mut ended = Ok(());
        for event in events.unwrap_or_default() {
            match event {
                EndpointEvent::ApplicationData(data) => {
                    is_proven = true;
                    ended = ended.and(self.receive_packet(now, data.freeze()));
                }
                EndpointEvent::PeerClosed => ended = ended.and(Err(Over::Closed)),
                _ => {}
            }
        }
        self.gather(now);
        ended.map(|()| is_proven)
    }

    fn receive_packet(&mut self, now: Instant, packet: Bytes) -> Result<(), Over> {
        match packet::judge(&packet, self.is_up) {
            Judged::Good(cost) => {
                self.unread_cost += cost;
                if self.unread_cost > UNREAD_COST_MAX {
                    return Err(Over::Violation);
                }
            }
            Judged::Useless => return Ok(()),
            Judged::Closes => return Err(Over::Closed),
            Judged::Bad => return Err(Over::Violation),
        }
        let Some((handle, event)) = self.sctp.handle(now, anywhere(), None, packet) else {
            return Ok(());
        };
        match event {
            DatagramEvent::NewAssociation(association) => {
                if self.associations.len() >= ASSOCIATIONS_MAX {
                    return Err(Over::Violation);
                }
                self.associations.push((handle, association));
            }
            DatagramEvent::AssociationEvent(event) => {
                let mut all = self.associations.iter_mut();
                if let Some((_, association)) = all.find(|(known, _)| *known == handle) {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.look()
    }

    /// The association that is up.
    fn association(&mut self) -> Option<&mut Association> {
        let first = self.associations.first_mut().filter(|_| self.is_up);
        first.map(|(_, association)| association)
    }

    /// What the association has to say.
    fn look(&mut self) -> Result<(), Over> {
        let mut at = 0;
        while let Some((handle, association)) = self.associations.get_mut(at) {
            let Some(event) = association.poll() else {
                at += 1;
                continue;
            };
            match event {
                Event::Connected if !self.is_up => {
                    let kind = PayloadProtocolIdentifier::Binary;
                    // It may be there already: its first message may overtake the last of the handshake.
                    let _ = association.open_stream(STREAM, kind);
                    let state = self.dtls.get_connection_state(anywhere());
                    let theirs = state.and_then(|state| state.peer_certificates.first());
                    let theirs = theirs.ok_or(Over::Violation)?;
                    let binding = direct::binding(&sha256(&[theirs]).0, &self.certificate);
                    let up = *handle;
                    self.associations.retain(|(handle, _)| *handle == up);
                    at = 0;
                    self.is_up = true;
                    self.told.push_back(Carried::Up(binding));
                }
                Event::Stream(StreamEvent::Readable { id } | StreamEvent::Opened { id })
                    if id != STREAM =>
                {
                    return Err(Over::Violation);
                }
                Event::HandshakeFailed { .. }
                | Event::AssociationLost { .. }
                | Event::Stream(StreamEvent::Finished { .. } | StreamEvent::Stopped { .. }) => {
                    return Err(Over::Closed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The next thing to tell. Messages stay where they are until they are asked for, so that who sends
    /// more than is taken must wait.
    ///
    /// # Errors
    /// [`Over`].
    pub fn next(&mut self) -> Result<Option<Carried>, Over> {
        if let Some(told) = self.told.pop_front() {
            return Ok(Some(told));
        }
        let Some(association) = self.association() else {
            return Ok(None);
        };
        let Ok(mut stream) = association.stream(STREAM) else {
            return Err(Over::Closed);
        };
        let Some(chunks) = stream.read_sctp().map_err(|_| Over::Closed)? else {
            return Ok(None);
        };
        if chunks.ppi != PayloadProtocolIdentifier::Binary {
            return Err(Over::Violation);
        }
        let message = chunks.to_payload(MESSAGE_BYTES_MAX);
        let message = message.map_err(|_| Over::TooLarge)?;
        self.unread_cost = 0;
        Ok(Some(Carried::Message(message.to_vec())))
    }

    /// Whether another message should be [sent](Self::send) now.
    pub fn has_room(&mut self) -> bool {
        self.waiting()
            .is_some_and(|waiting| waiting < SEND_BYTES_MAX)
    }

    /// Whether all that was sent has arrived.
    pub fn is_drained(&mut self) -> bool {
        self.waiting().is_none_or(|waiting| waiting == 0)
    }

    /// Bytes that were sent and have not arrived.
    fn waiting(&mut self) -> Option<usize> {
        self.association()?
            .stream(STREAM)
            .ok()?
            .buffered_amount()
            .ok()
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Over`].
    pub fn send(&mut self, now: Instant, message: &Bytes) -> Result<(), Over> {
        let Some(association) = self.association() else {
            return Err(Over::Closed);
        };
        let kind = PayloadProtocolIdentifier::Binary;
        let mut stream = association.stream(STREAM).map_err(|_| Over::Closed)?;
        let sent = stream.write_chunk_with_ppi(now, message, kind);
        sent.map(|_| ()).map_err(|_| Over::Closed)
    }

    /// Tells the client that it is over.
    pub fn close(&mut self, now: Instant) {
        for (_, association) in &mut self.associations {
            // It may have ended already.
            let _ = association.abort();
        }
        self.gather(now);
        self.dtls.stop(now, anywhere());
        self.gather(now);
    }

    /// When time matters next.
    pub fn timeout(&self) -> Option<Instant> {
        let dtls = self.dtls.poll_timeout(&anywhere());
        let sctp = self.associations.iter();
        let sctp = sctp.filter_map(|(_, association)| association.poll_timeout());
        dtls.into_iter().chain(sctp).min()
    }

    /// Time has passed.
    ///
    /// # Errors
    /// [`Over`].
    pub fn pass(&mut self, now: Instant) -> Result<(), Over> {
        // An error: there is no connection yet, or its handshake is over, which is seen by its silence.
        let _ = self.dtls.handle_timeout(anywhere(), now);
        for (_, association) in &mut self.associations {
            association.handle_timeout(now);
        }
        let looked = self.look();
        self.gather(now);
        looked
    }

    /// Datagrams to send.
    pub fn outgoing(&mut self) -> impl Iterator<Item = BytesMut> {
        self.outgoing.drain(..)
    }

    /// Wraps what SCTP has to send, and notes what DTLS has.
    pub fn gather(&mut self, now: Instant) {
        for (_, association) in &mut self.associations {
            while let Some(transmit) = association.poll_transmit(now) {
                let Payload::RawEncode(packets) = transmit.message else {
                    continue;
                };
                for packet in packets {
                    // It can fail only before the handshake is over, when there is no association.
                    let _ = self.dtls.write(now, anywhere(), &packet);
                }
            }
        }
        while let Some(transmit) = self.dtls.poll_transmit() {
            self.outgoing.push_back(transmit.message);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn settings() -> Settings {
        let folder = tempfile::tempdir().unwrap();
        Settings::new(&Certificate::read_or_make(folder.path()).unwrap()).unwrap()
    }

    /// A record of encrypted data, so many bytes long altogether.
    fn record(len: usize) -> Vec<u8> {
        let body = (len - 13) as u16;
        let mut record = vec![23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0];
        record.extend(body.to_be_bytes());
        record.resize(len, 0);
        record
    }

    #[test]
    fn so_many_bytes_may_come_before_it_is_up_and_no_more() {
        let (mut carrier, now) = (Carrier::new(&settings()), Instant::now());
        for _ in 0..OPENING_BYTES_MAX / 1024 {
            assert_eq!(carrier.receive(now, &record(1024)), Ok(false));
        }
        assert_eq!(carrier.receive(now, &record(13)), Err(Over::Violation));
    }

    #[test]
    fn so_many_records_may_come_before_it_is_up_and_no_more() {
        let (mut carrier, now) = (Carrier::new(&settings()), Instant::now());
        for _ in 0..OPENING_PARTS_MAX {
            assert_eq!(carrier.receive(now, &record(13)), Ok(false));
        }
        assert_eq!(carrier.receive(now, &record(13)), Err(Over::Violation));
    }
}
