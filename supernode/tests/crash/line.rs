//! A connection that may break at any moment: `None` says that it did.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use shared::base::codec::{decode, encode};
use shared::base::id::{NodeId, Nonce};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::Purpose;
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, NodeFrame, VERSION};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::people::Person;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Line {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    transcript: Transcript,
}

impl Line {
    /// Connects and shakes hands.
    pub async fn open(address: SocketAddr) -> Option<Self> {
        let opened = timeout(PATIENCE, connect_async(format!("ws://{address}/ws")));
        let (socket, _) = opened.await.expect("a connection in time").ok()?;
        let transcript = Transcript {
            version: VERSION,
            node: NodeId([0; 32]),
            node_nonce: Nonce([0; 32]),
            client_nonce: Nonce([7; 32]),
            binding: Vec::new(),
        };
        let mut line = Self { socket, transcript };
        let NodeFrame::Challenge { node, nonce, .. } = line.receive().await? else {
            panic!("no challenge")
        };
        line.transcript.node = node;
        line.transcript.node_nonce = nonce;
        let nonce = line.transcript.client_nonce;
        let version = VERSION;
        line.send(&ClientFrame::Hello { version, nonce }).await?;
        let NodeFrame::Welcome { .. } = line.receive().await? else {
            panic!("no welcome")
        };
        Some(line)
    }

    /// Claims `person`'s mailbox. Returns acknowledged and waiting.
    pub async fn claim(&mut self, person: &Person) -> Option<(u64, u64)> {
        let transcript = self
            .transcript
            .for_device(&person.id(), &person.device_id());
        self.send(&ClientFrame::Claim {
            devices: person.devices().carried().to_vec(),
            device: person.device_id(),
            signature: person.device.sign(Purpose::SessionDevice, &transcript),
            capability_secret: person.secret.to_vec(),
        })
        .await?;
        match self.receive().await? {
            NodeFrame::Claimed { acked, waiting, .. } => Some((acked, waiting)),
            other => panic!("{other:?} instead of a claim's answer"),
        }
    }

    pub async fn send(&mut self, frame: &ClientFrame) -> Option<()> {
        let bytes = encode(frame).into();
        let sent = timeout(PATIENCE, self.socket.send(Message::Binary(bytes)));
        sent.await.expect("room for a frame in time").ok()
    }

    /// The next frame.
    pub async fn receive(&mut self) -> Option<NodeFrame> {
        let message = timeout(PATIENCE, self.socket.next())
            .await
            .expect("a frame in time");
        match message?.ok()? {
            Message::Binary(bytes) => Some(decode(&bytes, FRAME_BYTES_MAX).unwrap()),
            Message::Close(_) => None,
            other => panic!("{other:?} instead of a frame"),
        }
    }
}
