//! The settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use shared::base::limits as protocol;

use super::relay::{File, PortRange, Sockets, Users};
use super::value::{Addresses, Bits, Engine, Hours, Level, Registration, Routes, Servers, Value};

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr;)+) => {
        /// All settings.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Config {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Config {
            /// The names of all settings.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// Sets the setting `name` from a text.
            ///
            /// # Errors
            /// What would have been right, for people. `None` when there is no such setting.
            pub fn set(&mut self, name: &str, text: &str) -> Option<Result<(), String>> {
                match name {
                    $(stringify!($name) => Some(<$type>::parse(text).map(|value| self.$name = value)),)+
                    _ => None,
                }
            }

            /// Name, value as TOML, and documentation of each setting.
            #[must_use]
            pub fn entries(&self) -> Vec<(&'static str, String, &'static [&'static str])> {
                vec![$((stringify!($name), self.$name.to_toml(), &[$($doc),+])),+]
            }
        }
    };
}

settings! {
    /// Address and port to listen on for HTTP and WebSocket. Port 0 takes a free one.
    http: SocketAddr = SocketAddr::from(([0, 0, 0, 0], 8080));
    /// Folder for the node key and the kept envelopes. Made when missing.
    data: PathBuf = PathBuf::from("kith-data");
    /// Where envelopes are kept: "embedded" in the data folder, "nats" on a cluster of NATS servers, or
    /// "memory" nowhere, which forgets everything when the program ends.
    store: Engine = Engine::Embedded;
    /// With store = "nats": servers, such as "nats://name:password@10.0.0.1:4222"; any of the cluster.
    nats_servers: Servers = Servers::default();
    /// With store = "nats": name of the JetStream stream. One supernode, one name.
    nats_stream: String = "kith".to_owned();
    /// With store = "nats": how many servers keep a copy, if the stream is new: 1, 3 or 5.
    nats_replicas: usize = 3;
    /// How much to log: error, warn, info, debug or trace. Only debug and trace may name addresses and keys.
    log: Level = Level::Info;
    /// Routes under which clients elsewhere reach this supernode, such as "wss://node.example/ws".
    /// Empty: the page it serves uses the address it was loaded from.
    routes: Routes = Routes::default();
    /// Addresses of reverse proxies in front, whose `X-Forwarded-For` is believed. Without this, all
    /// clients behind a proxy count as one source.
    trusted_proxies: Addresses = Addresses::default();
    /// Whether clients may come by WebSocket. Without it, only by WebRTC-direct, which needs `udp`.
    websocket: bool = true;
    /// Clients by WebRTC-direct at a time, which is served on the ports of `udp`. More are not answered.
    direct_clients_max: usize = 4096;
    /// Who may show the page in a frame: a CSP `frame-ancestors` list.
    frame_ancestors: String = "'self'".to_owned();
    /// Connections at a time, HTTP and WebSocket together.
    connections_max: usize = 100_000;
    /// HTTP and WebSocket connections at a time from one source address (an IPv4 address, an IPv6 /64), and
    /// as many clients by WebRTC-direct. More are closed at once, or not answered. Trusted proxies are exempt.
    sockets_per_source_max: usize = 256;
    /// WebSocket connections at a time from one source address. More are told to come later.
    connections_per_source_max: u32 = protocol::CONNECTIONS_PER_SOURCE_MAX;
    /// New WebSocket connections a source address may open in a burst.
    connects_burst: u32 = protocol::CONNECTS_BURST;
    /// New WebSocket connections a source address may open per second for long.
    connects_per_second: u32 = protocol::CONNECTS_PER_SECOND;
    /// Frames a connection may send in a burst.
    frames_burst: u32 = protocol::FRAMES_BURST;
    /// Frames a connection may send per second for long.
    frames_per_second: u32 = protocol::FRAMES_PER_SECOND;
    /// Mailboxes this supernode takes. Each takes about 2 KiB of memory.
    mailboxes_max: usize = protocol::MAILBOXES_MAX;
    /// Bytes of kept envelopes, in all mailboxes together.
    kept_bytes_max: u64 = protocol::KEPT_BYTES_MAX;
    /// Envelopes kept in one mailbox.
    mailbox_envelopes_max: u64 = protocol::MAILBOX_ENVELOPES_MAX;
    /// Bytes of envelopes kept in one mailbox.
    mailbox_bytes_max: u64 = protocol::MAILBOX_BYTES_MAX;
    /// Hours for which an envelope is kept at most, 1 to 720 (30 days). Senders are told how long theirs is.
    keep_hours_max: Hours = Hours::MAX;
    /// Envelopes of strangers kept in one mailbox, beside those of contacts.
    mailbox_requests_max: u64 = protocol::REQUESTS_ENVELOPES_MAX;
    /// What somebody new must show to get a mailbox: open (nothing), work, invite (`supernode invite`
    /// prints one) or invite+work.
    registration: Registration = Registration::Open;
    /// Work for a new mailbox, in bits: each bit more doubles it. A phone does 20 in some seconds.
    registration_work_bits: Bits = Bits(20);
    /// Work for a first contact by an invite link, in bits; 0: the link is enough.
    request_work_bits: Bits = Bits(0);
    /// Days for which an invite that `supernode invite` prints is good.
    invite_days: u32 = 14;
    /// Free bytes to leave on the disk: with less, no more envelopes are taken. Deleting needs room too.
    disk_reserve_bytes: u64 = 256 * 1024 * 1024;
    /// Addresses and ports for STUN and TURN, over UDP and TCP, such as "0.0.0.0:3478, [::]:3478". Empty:
    /// neither is served.
    udp: Sockets = Sockets::default();
    /// Addresses and ports for STUN and TURN over TLS, such as "0.0.0.0:5349". Needs `tls_certificate` and
    /// `tls_key`.
    turn_tls: Sockets = Sockets::default();
    /// PEM file with the certificate for TLS, followed by those up to its authority.
    tls_certificate: File = File::default();
    /// PEM file with the certificate's private key.
    tls_key: File = File::default();
    /// Host name by which pages reach `turn_tls`. Empty: the first in the certificate that is no wildcard.
    turn_tls_name: String = String::new();
    /// Addresses from which peers see what is relayed, one of each family, if they are not those of `udp`:
    /// behind a NAT, or on a machine with several addresses.
    turn_addresses: Addresses = Addresses::default();
    /// Ports to relay from. Each allocation takes one.
    turn_ports: PortRange = PortRange::default();
    /// Realm of the relay's credentials.
    turn_realm: String = "kith".to_owned();
    /// Secret that credentials with an end are made with, to share it with other programs. Empty: one is
    /// made from the node key.
    turn_secret: String = String::new();
    /// Seconds for which a credential makes new allocations that is handed to a client; at most a week. Pages
    /// ask for another when half of it is over.
    turn_credential_seconds: u32 = 12 * 3600;
    /// Users who may always use the relay, as NAME:PASSWORD. For tests and measurements.
    turn_user: Users = Users::default();
    /// Whether the relay may send to private and loopback addresses. For tests and measurements: it opens
    /// what is behind this machine to whoever has credentials.
    turn_allow_private_peers: bool = false;
    /// Allocations at a time. Each takes a port, an open file and about 1 KiB.
    turn_allocations_max: usize = 1000;
    /// Allocations at a time of one persona, or of one user. A page makes one over UDP and one over TCP for
    /// each of up to 24 channels.
    turn_allocations_per_user_max: u32 = 48;
    /// Bytes a second that one allocation relays, both ways together; 0: no limit.
    turn_bytes_per_second_each: u32 = 2_500_000;
    /// Bytes a second that all allocations relay together; 0: no limit.
    turn_bytes_per_second: u32 = 0;
    /// Bytes that are relayed in a calendar month; 0: no limit. The line carries twice as many.
    turn_bytes_per_month: u64 = 0;
}

impl Config {
    /// As commented TOML, which read back gives the same settings.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for (name, value, docs) in self.entries() {
            for line in docs {
                text.push_str(&format!("#{line}\n"));
            }
            text.push_str(&format!(
                "# Also KITH_{} and --{}.\n",
                name.to_uppercase(),
                name.replace('_', "-")
            ));
            text.push_str(&format!("{name} = {value}\n\n"));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}
