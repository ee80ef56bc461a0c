//! A client of WebRTC-direct: ICE, DTLS, SCTP and stream 0, from `docs/protocol/direct.md`.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint as Dtls, EndpointEvent};
use rtc_sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint as Sctp, EndpointConfig,
    Event, Payload, PayloadProtocolIdentifier, StreamEvent, TransportConfig,
};
use rtc_shared::{TransportContext, TransportProtocol};
use shared::base::hash::sha256;
use shared::direct::route::DirectRoute;
use shared::direct::{Fingerprint, binding, credentials};

use crate::stun;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(20);
const CHECK_EVERY: Duration = Duration::from_millis(100);

pub struct Client {
    pub socket: UdpSocket,
    pub route: DirectRoute,
    pub ufrag: String,
    pub password: String,
    /// Of the supernode, by ICE.
    pub node_password: String,
    dtls: Dtls,
    sctp: Sctp,
    association: Option<(AssociationHandle, Association)>,
    fingerprint: Fingerprint,
    seen: Option<Fingerprint>,
    checked_at: Option<Instant>,
    pub is_writable: bool,
    is_open: bool,
    pub is_over: bool,
    pub messages: VecDeque<Vec<u8>>,
    /// Checks of the supernode's own that were answered.
    pub asked: usize,
}

fn anywhere() -> std::net::SocketAddr {
    TransportContext::default().peer_addr
}

/// Random letters, all of which ICE has.
fn letters(len: usize) -> String {
    let mut bytes = vec![0; len];
    SystemRandom::new().fill(&mut bytes).unwrap();
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    bytes.into_iter().map(letter).collect()
}

impl Client {
    /// One that has not said anything yet.
    pub fn new(route: &DirectRoute) -> Self {
        let here = match route.address.is_ipv4() {
            true => Ipv4Addr::LOCALHOST.into(),
            false => Ipv6Addr::LOCALHOST.into(),
        };
        Self::at(here, route)
    }

    /// One at this address.
    pub fn at(at: IpAddr, route: &DirectRoute) -> Self {
        let provider = rtc_crypto::default_provider().unwrap();
        let certificate = Certificate::generate_self_signed(Vec::new(), provider.crypto()).unwrap();
        let fingerprint = sha256(&[&certificate.certificate[0]]).0;
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![certificate])
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_flight_interval(Duration::from_millis(200))
            .with_insecure_skip_verify(true);
        let config = Arc::new(config.build(true, Some(route.address)).unwrap());
        let here = TransportContext::default().local_addr;
        let mut dtls = Dtls::new(here, TransportProtocol::UDP, None);
        dtls.connect(Instant::now(), anywhere(), config, None)
            .unwrap();
        let endpoint = Arc::new(EndpointConfig::new());
        Self {
            socket: UdpSocket::bind((at, 0)).unwrap(),
            route: *route,
            ufrag: letters(4),
            password: letters(24),
            node_password: credentials::password(&route.certificate),
            dtls,
            sctp: Sctp::new(here, TransportProtocol::UDP, endpoint, None),
            association: None,
            fingerprint,
            seen: None,
            checked_at: None,
            is_writable: false,
            is_open: false,
            is_over: false,
            messages: VecDeque::new(),
            asked: 0,
        }
    }

    /// One whose data channel is open.
    pub fn dial(route: &DirectRoute) -> Self {
        let mut client = Self::new(route);
        assert!(client.until(PATIENCE, |client| client.is_open), "it opens");
        assert_eq!(client.seen, Some(route.certificate));
        client
    }

    /// Both certificates as they were seen.
    pub fn binding(&self) -> Vec<u8> {
        binding(&self.fingerprint, &self.seen.unwrap())
    }

    /// Goes on until something holds, or it takes too long. Says whether it does.
    pub fn until(&mut self, patience: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + patience;
        while !holds(self) {
            if Instant::now() >= end {
                return false;
            }
            self.turn();
        }
        true
    }

    /// The next message; `None` when the supernode has ended it.
    pub fn receive(&mut self) -> Option<Vec<u8>> {
        let came = self.until(PATIENCE, |it| it.is_over || !it.messages.is_empty());
        assert!(came, "a message in time");
        self.messages.pop_front()
    }

    pub fn send(&mut self, message: &[u8]) {
        self.send_as(0, message, PayloadProtocolIdentifier::Binary);
    }

    /// Sends on any stream, as anything.
    pub fn send_as(&mut self, stream: u16, message: &[u8], kind: PayloadProtocolIdentifier) {
        let now = Instant::now();
        let (_, association) = self.association.as_mut().unwrap();
        if association.stream(stream).is_err() {
            association.open_stream(stream, kind).unwrap();
        }
        let message = Bytes::copy_from_slice(message);
        let mut stream = association.stream(stream).unwrap();
        stream.write_chunk_with_ppi(now, &message, kind).unwrap();
        self.flush(now);
    }

    /// Goes on from another port.
    pub fn move_away(&mut self) {
        self.socket =
            UdpSocket::bind(self.socket.local_addr().unwrap().ip().to_string() + ":0").unwrap();
        self.is_writable = false;
        self.checked_at = None;
    }

    pub fn username(&self) -> String {
        format!("kd1/{}:{}", self.password, self.ufrag)
    }

    /// A check, by this password of the supernode's.
    pub fn check(&self, password: &str) {
        let username = self.username();
        let attributes: [(u16, &[u8]); 4] = [
            (stun::USERNAME, username.as_bytes()),
            (stun::CONTROLLING, &[1; 8]),
            (stun::PRIORITY, &[0x6e, 0, 1, 255]),
            (stun::USE_CANDIDATE, &[]),
        ];
        let message = stun::message(stun::BINDING, b"transaction!", &attributes, password);
        self.socket.send_to(&message, self.route.address).unwrap();
    }

    /// Sends what is due and takes what comes, if anything does in a while.
    pub fn turn(&mut self) {
        let now = Instant::now();
        if self.checked_at.is_none_or(|at| now >= at + CHECK_EVERY) {
            self.checked_at = Some(now);
            self.check(&self.node_password);
        }
        let _ = self.dtls.handle_timeout(anywhere(), now);
        if let Some((_, association)) = &mut self.association {
            association.handle_timeout(now);
        }
        self.look();
        self.flush(now);
        self.socket
            .set_read_timeout(Some(Duration::from_millis(5)))
            .unwrap();
        let mut buffer = [0; 2048];
        // As long as there is more: pages do not sleep between datagrams either.
        while let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
            if from == self.route.address {
                self.take(&buffer[..len]);
            }
            self.socket.set_nonblocking(true).unwrap();
        }
        self.socket.set_nonblocking(false).unwrap();
        self.flush(Instant::now());
    }

    fn take(&mut self, datagram: &[u8]) {
        let now = Instant::now();
        match datagram {
            [1, 1, ..] => self.is_writable = true,
            [0, 1, ..] => {
                self.asked += 1;
                let attributes: [(u16, &[u8]); 1] = [(stun::MAPPED, &[0, 1, 0, 0, 1, 2, 3, 4])];
                let transaction = &datagram[8..20];
                let answer = stun::message(stun::SUCCESS, transaction, &attributes, &self.password);
                self.socket.send_to(&answer, self.route.address).unwrap();
            }
            _ => {
                let events = self.dtls.read(now, anywhere(), None, datagram.into());
                for event in events.unwrap_or_default() {
                    match event {
                        EndpointEvent::HandshakeComplete => self.associate(now),
                        EndpointEvent::ApplicationData(data) => self.packet(now, data.freeze()),
                        EndpointEvent::PeerClosed => self.is_over = true,
                        _ => {}
                    }
                }
            }
        }
        self.look();
    }

    fn associate(&mut self, now: Instant) {
        let state = self.dtls.get_connection_state(anywhere()).unwrap();
        self.seen = Some(sha256(&[&state.peer_certificates[0]]).0);
        let transport = TransportConfig::default().with_max_message_size(1 << 20);
        let config = ClientConfig::new(transport);
        self.association = Some(self.sctp.connect(now, config, anywhere()).unwrap());
    }

    fn packet(&mut self, now: Instant, packet: Bytes) {
        if let Some((_, DatagramEvent::AssociationEvent(event))) =
            self.sctp.handle(now, anywhere(), None, packet)
            && let Some((_, association)) = &mut self.association
        {
            association.handle_event(event);
        }
    }

    fn look(&mut self) {
        let Some((_, association)) = &mut self.association else {
            return;
        };
        while let Some(event) = association.poll() {
            match event {
                Event::Connected => {
                    let kind = PayloadProtocolIdentifier::Binary;
                    let _ = association.open_stream(0, kind);
                    self.is_open = true;
                }
                Event::AssociationLost { .. } | Event::HandshakeFailed { .. } => {
                    self.is_over = true
                }
                Event::Stream(StreamEvent::Readable { id }) => {
                    let mut stream = association.stream(id).unwrap();
                    while let Ok(Some(chunks)) = stream.read_sctp() {
                        assert_eq!(chunks.ppi, PayloadProtocolIdentifier::Binary);
                        self.messages
                            .push_back(chunks.to_payload(1 << 20).unwrap().to_vec());
                    }
                }
                _ => {}
            }
        }
    }

    fn flush(&mut self, now: Instant) {
        if let Some((_, association)) = &mut self.association {
            while let Some(transmit) = association.poll_transmit(now) {
                if let Payload::RawEncode(packets) = transmit.message {
                    for packet in packets {
                        let _ = self.dtls.write(now, anywhere(), &packet);
                    }
                }
            }
        }
        if !self.is_writable {
            return;
        }
        while let Some(transmit) = self.dtls.poll_transmit() {
            let _ = self.socket.send_to(&transmit.message, self.route.address);
        }
    }
}
