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
use super::record;

/// Bytes that may have come and not been read yet: what a client may have on its way.
const RECEIVE_BYTES_MAX: u32 = 256 * 1024;
/// Bytes of messages that are on their way to a client, or next. More wait outside.
const SEND_BYTES_MAX: usize = 256 * 1024;

/// Bytes that a client may send until its data channel is open: a handshake with the largest certificates takes a
/// tenth, and what cannot be decrypted yet is kept.
pub const OPENING_BYTES_MAX: usize = 64 * 1024;

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
}

/// One connection.
pub struct Carrier {
    dtls: Dtls,
    sctp: Sctp,
    association: Option<(AssociationHandle, Association)>,
    certificate: Fingerprint,
    is_up: bool,
    opening_bytes: usize,
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
            association: None,
            certificate: settings.certificate,
            is_up: false,
            opening_bytes: 0,
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
            if self.opening_bytes > OPENING_BYTES_MAX {
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
        let Some((handle, event)) = self.sctp.handle(now, anywhere(), None, packet) else {
            return Ok(());
        };
        match event {
            DatagramEvent::NewAssociation(association) => {
                // A second one would be another session over the same proof.
                if self.association.is_some() {
                    return Err(Over::Violation);
                }
                self.association = Some((handle, association));
            }
            DatagramEvent::AssociationEvent(event) => {
                if let Some((_, association)) = &mut self.association {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.look()
    }

    /// What the association has to say.
    fn look(&mut self) -> Result<(), Over> {
        let Some((_, association)) = &mut self.association else {
            return Ok(());
        };
        while let Some(event) = association.poll() {
            match event {
                Event::Connected => {
                    let kind = PayloadProtocolIdentifier::Binary;
                    // It may be there already: its first message may overtake the last of the handshake.
                    let _ = association.open_stream(STREAM, kind);
                    let state = self.dtls.get_connection_state(anywhere());
                    let theirs = state.and_then(|state| state.peer_certificates.first());
                    let theirs = theirs.ok_or(Over::Violation)?;
                    let binding = direct::binding(&sha256(&[theirs]).0, &self.certificate);
                    self.is_up = true;
                    self.told.push_back(Carried::Up(binding));
                }
                Event::Stream(StreamEvent::Readable { id } | StreamEvent::Opened { id })
                    if id != STREAM =>
                {
                    return Err(Over::Violation);
                }
                Event::HandshakeFailed { .. } | Event::AssociationLost { .. } => {
                    return Err(Over::Closed);
                }
                Event::Stream(StreamEvent::Finished { .. } | StreamEvent::Stopped { .. }) => {
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
        let Some((_, association)) = self.association.as_mut().filter(|_| self.is_up) else {
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
        Ok(Some(Carried::Message(message.to_vec())))
    }

    /// Whether another message should be [sent](Self::send) now.
    pub fn has_room(&mut self) -> bool {
        let stream =
            |association: &mut Association| association.stream(STREAM).ok()?.buffered_amount().ok();
        self.association
            .as_mut()
            .filter(|_| self.is_up)
            .and_then(|(_, association)| stream(association))
            .is_some_and(|waiting| waiting < SEND_BYTES_MAX)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Over`].
    pub fn send(&mut self, now: Instant, message: &Bytes) -> Result<(), Over> {
        let Some((_, association)) = &mut self.association else {
            return Err(Over::Closed);
        };
        let kind = PayloadProtocolIdentifier::Binary;
        let mut stream = association.stream(STREAM).map_err(|_| Over::Closed)?;
        let sent = stream.write_chunk_with_ppi(now, message, kind);
        sent.map(|_| ()).map_err(|_| Over::Closed)
    }

    /// Tells the client that it is over.
    pub fn close(&mut self, now: Instant) {
        if let Some((_, association)) = &mut self.association {
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
        let sctp = self.association.as_ref();
        let sctp = sctp.and_then(|(_, association)| association.poll_timeout());
        dtls.into_iter().chain(sctp).min()
    }

    /// Time has passed.
    ///
    /// # Errors
    /// [`Over`].
    pub fn pass(&mut self, now: Instant) -> Result<(), Over> {
        // An error: there is no connection yet, or its handshake is over, which is seen by its silence.
        let _ = self.dtls.handle_timeout(anywhere(), now);
        if let Some((_, association)) = &mut self.association {
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
        if let Some((_, association)) = &mut self.association {
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
