//! A session over a data channel.

use shared::base::codec::{decode, encode};
use shared::base::id::{Nonce, Signature};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::sign::{Purpose, verify_signature};
use shared::direct::route::DirectRoute;
use shared::session::transcript::Transcript;
use shared::session::wire::{ClientFrame, NodeFrame, VERSION};

use crate::client::Client;
use crate::people::Person;

pub struct Session {
    pub client: Client,
    pub transcript: Transcript,
}

impl Session {
    /// Dials and reads the challenge.
    pub fn dial(route: &DirectRoute) -> Self {
        let mut client = Client::dial(route);
        let challenge = decode(&client.receive().unwrap(), FRAME_BYTES_MAX).unwrap();
        let NodeFrame::Challenge { node, nonce, .. } = challenge else {
            panic!("{challenge:?} instead of a challenge")
        };
        let transcript = Transcript {
            version: VERSION,
            node,
            node_nonce: nonce,
            client_nonce: Nonce([7; 32]),
            binding: client.binding(),
        };
        Self { client, transcript }
    }

    /// Dials and shakes hands.
    pub fn ready(route: &DirectRoute) -> Self {
        let mut session = Self::dial(route);
        assert!(session.hello());
        session
    }

    /// Says hello. Says whether the supernode has proved its key for this connection.
    pub fn hello(&mut self) -> bool {
        let signature = self.welcome();
        let (node, signed) = (self.transcript.node.0, self.transcript.for_node());
        verify_signature(&node, Purpose::SessionNode, &signed, &signature).is_ok()
    }

    /// Says hello, and gets what the supernode has signed.
    pub fn welcome(&mut self) -> Signature {
        let nonce = self.transcript.client_nonce;
        self.send(&ClientFrame::Hello {
            version: VERSION,
            nonce,
        });
        let NodeFrame::Welcome { signature, .. } = self.receive() else {
            panic!("no welcome")
        };
        signature
    }

    pub fn claim(&self, person: &Person) -> ClientFrame {
        let device = person.device_id();
        let signed = self.transcript.for_device(&person.id(), &device);
        ClientFrame::Claim {
            devices: person.devices().carried().to_vec(),
            device,
            signature: person.device.sign(Purpose::SessionDevice, &signed),
            capability_secret: person.secret.to_vec(),
        }
    }

    pub fn send(&mut self, frame: &ClientFrame) {
        self.client.send(&encode(frame));
    }

    pub fn receive(&mut self) -> NodeFrame {
        let message = self.client.receive().expect("an open connection");
        decode(&message, FRAME_BYTES_MAX).unwrap()
    }

    /// Whether it still works.
    pub fn works(&mut self, token: u32) -> bool {
        self.send(&ClientFrame::Ping { token });
        self.receive() == NodeFrame::Pong { token }
    }
}
