//! What STUN and TURN servers whoever has claimed a mailbox is told of, and by which credential.
//!
//! Anonymous sessions are told nothing. A credential names its holder to the TURN server, and goes over the
//! network in the clear, so the name is a pseudonym: the same for all devices of a persona, for the sake
//! of limits, and another each day, so that nobody on the way can follow a person by it for longer.

#[cfg(feature = "turn")]
use alloc::string::String;
#[cfg(feature = "turn")]
use alloc::vec::Vec;
#[cfg(feature = "turn")]
use core::time::Duration;

use super::answer::send;
use super::{Relay, RelayEffects};
use crate::base::effects::LinkId;
use crate::base::id::PersonaId;
use crate::base::time::Timestamp;
use crate::session::wire::NodeFrame;
#[cfg(feature = "turn")]
use crate::{
    base::{hash::hmac_sha256, sign::SigningKey},
    session::offer::SERVER_URLS_MAX,
    turn::Credentials,
};

/// Bytes of a pseudonym: two personas of one supernode do not get the same by chance.
#[cfg(feature = "turn")]
const NAME_BYTES: usize = 15;

/// What a supernode offers to its clients.
#[cfg(feature = "turn")]
#[derive(Debug)]
pub struct TurnOffer {
    urls: Vec<String>,
    credentials: Credentials,
    names: [u8; 32],
    life_seconds: u32,
}

#[cfg(feature = "turn")]
impl TurnOffer {
    /// An offer of the servers at `urls` (RFC 7064, RFC 7065; at most [`SERVER_URLS_MAX`]), which know
    /// `credentials`. Credentials are good for `life`, at most what fits 32 bits of seconds.
    #[must_use]
    pub fn new(
        mut urls: Vec<String>,
        credentials: Credentials,
        key: &SigningKey,
        life: Duration,
    ) -> Self {
        urls.truncate(SERVER_URLS_MAX);
        let context: [&[u8]; 3] = [b"kith/derive v1\0", b"relay names", &[1]];
        Self {
            urls,
            credentials,
            names: hmac_sha256(key.seed(), &context),
            life_seconds: u32::try_from(life.as_secs()).unwrap_or(u32::MAX),
        }
    }

    fn issue(&self, now: Timestamp, persona: &PersonaId) -> Option<NodeFrame> {
        let name = self.name(persona, now.days());
        let life = Duration::from_secs(self.life_seconds.into());
        let issued = self.credentials.issue(&name, now.after(life))?;
        Some(NodeFrame::Turn {
            urls: self.urls.clone(),
            username: issued.username,
            password: issued.password,
            life_seconds: self.life_seconds,
        })
    }

    /// What `persona` is called on `day`.
    fn name(&self, persona: &PersonaId, day: u64) -> String {
        use base64ct::{Base64UrlUnpadded, Encoding};
        let mac = hmac_sha256(&self.names, &[persona.as_bytes(), &day.to_be_bytes()]);
        Base64UrlUnpadded::encode_string(mac.get(..NAME_BYTES).unwrap_or(&mac))
    }
}

impl Relay {
    /// Offers these STUN and TURN servers from now on.
    #[cfg(feature = "turn")]
    pub fn set_turn(&mut self, offer: Option<TurnOffer>) {
        self.turn = offer;
    }

    pub(super) fn handle_turn(
        &self,
        now: Timestamp,
        id: LinkId,
        mailbox: &PersonaId,
        out: &mut RelayEffects,
    ) {
        let frame = self.turn_frame(now, mailbox).unwrap_or(NodeFrame::Turn {
            urls: Default::default(),
            username: Default::default(),
            password: Default::default(),
            life_seconds: 0,
        });
        send(id, &frame, out);
    }

    #[cfg(feature = "turn")]
    fn turn_frame(&self, now: Timestamp, mailbox: &PersonaId) -> Option<NodeFrame> {
        self.turn.as_ref()?.issue(now, mailbox)
    }

    #[cfg(not(feature = "turn"))]
    fn turn_frame(&self, _: Timestamp, _: &PersonaId) -> Option<NodeFrame> {
        None
    }
}
