//! A client that says exactly what a test tells it to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use shared::base::codec::{decode, encode};
use shared::base::id::{NodeId, Nonce};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::{Purpose, verify_signature};
use shared::mailbox::wire::{Delivery, Envelope};
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, DepositReceipt, NodeFrame, VERSION};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::people::Person;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub transcript: Transcript,
    /// From a frame of several, not yet looked at.
    receipts: VecDeque<DepositReceipt>,
}

impl Client {
    /// Connects and reads the challenge.
    pub async fn connect(address: SocketAddr) -> Self {
        let (socket, _) = timeout(PATIENCE, connect_async(format!("ws://{address}/ws")))
            .await
            .unwrap()
            .unwrap();
        let transcript = Transcript {
            version: VERSION,
            node: NodeId([0; 32]),
            node_nonce: Nonce([0; 32]),
            client_nonce: Nonce([7; 32]),
            binding: Vec::new(),
        };
        let mut client = Self {
            socket,
            transcript,
            receipts: VecDeque::new(),
        };
        let NodeFrame::Challenge { node, nonce, .. } = client.receive().await else {
            panic!("no challenge")
        };
        client.transcript.node = node;
        client.transcript.node_nonce = nonce;
        client
    }

    /// Connects and shakes hands.
    pub async fn ready(address: SocketAddr) -> Self {
        let mut client = Self::connect(address).await;
        client.hello().await;
        client
    }

    pub async fn hello(&mut self) {
        self.send(&ClientFrame::Hello {
            version: VERSION,
            nonce: self.transcript.client_nonce,
        })
        .await;
        let NodeFrame::Welcome { signature, .. } = self.receive().await else {
            panic!("no welcome")
        };
        let node = self.transcript.node.0;
        verify_signature(
            &node,
            Purpose::SessionNode,
            &self.transcript.for_node(),
            &signature,
        )
        .unwrap();
    }

    /// Connects, shakes hands and claims `person`'s mailbox. Returns acknowledged and waiting, too.
    pub async fn claimed(address: SocketAddr, person: &Person) -> (Self, u64, u64) {
        let mut client = Self::ready(address).await;
        client.send(&client.claim(person)).await;
        let NodeFrame::Claimed { acked, waiting, .. } = client.receive().await else {
            panic!("not claimed")
        };
        (client, acked, waiting)
    }

    pub fn claim(&self, person: &Person) -> ClientFrame {
        let transcript = self
            .transcript
            .for_device(&person.id(), &person.device_id());
        ClientFrame::Claim {
            devices: person.devices().carried().to_vec(),
            device: person.device_id(),
            signature: person.device.sign(Purpose::SessionDevice, &transcript),
            capability_secret: person.secret.to_vec(),
        }
    }

    pub async fn send(&mut self, frame: &ClientFrame) {
        self.send_bytes(encode(frame)).await;
    }

    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    /// The next frame.
    pub async fn receive(&mut self) -> NodeFrame {
        let message = timeout(PATIENCE, self.socket.next())
            .await
            .expect("a frame in time");
        match message.expect("an open connection").unwrap() {
            Message::Binary(bytes) => decode(&bytes, FRAME_BYTES_MAX).unwrap(),
            other => panic!("{other:?} instead of a frame"),
        }
    }

    /// Waits for the end, past any frames, and returns the close frame if one came.
    pub async fn end(&mut self) -> Option<CloseFrame> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("an end in time")
            {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub async fn deposit(&mut self, request: u32, envelope: Envelope) -> DepositReceipt {
        self.send(&ClientFrame::Deposit { request, envelope }).await;
        self.receipt().await
    }

    pub async fn receipt(&mut self) -> DepositReceipt {
        if self.receipts.is_empty() {
            let NodeFrame::Deposited { receipts } = self.receive().await else {
                panic!("no receipt")
            };
            self.receipts.extend(receipts);
        }
        self.receipts.pop_front().expect("a receipt in the frame")
    }

    pub async fn deliveries(&mut self) -> Vec<Delivery> {
        let NodeFrame::Deliver { deliveries } = self.receive().await else {
            panic!("no delivery")
        };
        deliveries
    }

    /// Receives `count` deliveries, in as many frames as they take.
    pub async fn delivered(&mut self, count: usize) -> Vec<Delivery> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(self.deliveries().await);
        }
        assert_eq!(all.len(), count);
        all
    }
}
