//! What a WebSocket or a data channel tells.

use std::rc::Rc;

use shared::peer::io::Trouble;
use shared::signalling::wire::RtcSignal;

/// What happened on a link. After [`LinkEvent::Down`] nothing more is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// It works.
    Up {
        /// Channel binding: both DTLS fingerprints; empty for WebSocket.
        binding: Vec<u8>,
        /// Whether it goes through a TURN relay.
        relayed: bool,
    },
    /// The path of a data channel changed.
    Path {
        /// Whether it goes through a TURN relay now.
        relayed: bool,
    },
    /// It could not be opened, or ended; with what is known of why it did not open.
    Down(Option<Trouble>),
    /// A message arrived.
    Received(Vec<u8>),
    /// The other side's half of the negotiation must hear this.
    Signal(RtcSignal),
}

/// Hears what happens on one link. It may drop the link.
pub type OnEvent = Rc<dyn Fn(LinkEvent)>;
