//! A client of the real protocol over a real WebSocket.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use shared::base::codec::{decode, encode};
use shared::base::id::Nonce;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::random::bytes;
use shared::base::sign::{Purpose, verify_signature};
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, NodeFrame, VERSION};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::person::{Person, System};

/// Connections from one source address; the supernode takes 64 at a time.
const PER_SOURCE: usize = 60;

/// An open session.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Connects as the `number`th client, from one of the loopback addresses, and shakes hands.
    ///
    /// # Errors
    /// When the supernode does not do its part.
    pub async fn connect(address: SocketAddr, number: usize) -> Result<(Self, Transcript)> {
        let socket = TcpSocket::new_v4()?;
        socket.set_nodelay(true)?;
        socket.bind(SocketAddr::from((source(number), 0)))?;
        let stream = socket.connect(address).await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(1024)
            .write_buffer_size(0);
        let url = format!("ws://{address}/ws");
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        let mut client = Self { socket };
        let NodeFrame::Challenge { node, nonce, .. } = client.receive().await? else {
            bail!("no challenge")
        };
        let transcript = Transcript {
            version: VERSION,
            node,
            node_nonce: nonce,
            client_nonce: Nonce(bytes(&mut System)),
            binding: Vec::new(),
        };
        client
            .send(&ClientFrame::Hello {
                version: VERSION,
                nonce: transcript.client_nonce,
            })
            .await?;
        let NodeFrame::Welcome { signature, .. } = client.receive().await? else {
            bail!("no welcome")
        };
        verify_signature(
            &node.0,
            Purpose::SessionNode,
            &transcript.for_node(),
            &signature,
        )?;
        Ok((client, transcript))
    }

    /// Connects and claims `person`'s mailbox.
    ///
    /// # Errors
    /// When the supernode does not do its part.
    pub async fn claim(address: SocketAddr, number: usize, person: &Person) -> Result<Self> {
        let (mut client, transcript) = Self::connect(address, number).await?;
        client.send(&person.claim(&transcript)).await?;
        match client.receive().await? {
            NodeFrame::Claimed { .. } => Ok(client),
            other => bail!("{other:?} instead of claimed"),
        }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        Ok(self
            .socket
            .send(Message::Binary(encode(frame).into()))
            .await?)
    }

    /// The next frame.
    ///
    /// # Errors
    /// When the connection has ended or what came is no frame.
    pub async fn receive(&mut self) -> Result<NodeFrame> {
        loop {
            match self.socket.next().await.context("the connection ended")?? {
                Message::Binary(bytes) => return Ok(decode(&bytes, FRAME_BYTES_MAX)?),
                Message::Close(frame) => bail!("closed: {frame:?}"),
                _ => {}
            }
        }
    }
}

fn source(number: usize) -> Ipv4Addr {
    let [.., high, low] = (number / PER_SOURCE + 2).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}
