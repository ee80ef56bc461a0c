//! WebRTC-direct: a page reaches a supernode that has no name and no certificate of any authority.
//!
//! A [route](route) says address, UDP port and the hash of the supernode's DTLS certificate. The page
//! makes an offer, does not send it anywhere, and writes the [answer](answer) itself. What the
//! supernode must know of the page stands in the USERNAME of its first connectivity check: the
//! page's own ICE password, put into the ufrag that the answer gives the supernode
//! ([`credentials`]). All else is as anywhere in WebRTC: ICE-lite (RFC 8445 §2.5), DTLS 1.2 (RFC 6347)
//! with both certificates, SCTP over it (RFC 8261), and one data channel that nobody opens, for both
//! know it beforehand: stream [`STREAM`], ordered and reliable. Frames of the session are its messages.
//!
//! Who is on the other side is settled by the session: its transcript holds both certificates'
//! fingerprints ([`binding`]) and the node key.

#[cfg(feature = "client")]
pub mod answer;
#[cfg(feature = "turn")]
pub mod check;
pub mod credentials;
pub mod route;

use alloc::vec::Vec;

use crate::base::limits::FRAME_BYTES_MAX;

/// The data channel's stream identifier (RFC 8831 §6.4), for which nothing is negotiated.
pub const STREAM: u16 = 0;
/// The SCTP port on both sides (RFC 8841 §5).
pub const SCTP_PORT: u16 = 5000;
/// Longest message, in bytes: a frame.
pub const MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX;
/// Bytes of a certificate's SHA-256.
pub const FINGERPRINT_LEN: usize = 32;

/// SHA-256 over a certificate's DER (RFC 8122 §5).
pub type Fingerprint = [u8; FINGERPRINT_LEN];

/// What ties a session to one DTLS connection: both certificates' fingerprints, the smaller first,
/// so that both ends have the same bytes.
#[must_use]
pub fn binding(one: &Fingerprint, other: &Fingerprint) -> Vec<u8> {
    let mut both = [*one, *other];
    both.sort_unstable();
    both.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_have_the_same_binding() {
        let (page, node) = ([1; FINGERPRINT_LEN], [2; FINGERPRINT_LEN]);
        assert_eq!(binding(&page, &node), binding(&node, &page));
        assert_ne!(binding(&page, &node), binding(&page, &page));
        assert_eq!(binding(&page, &node).len(), 2 * FINGERPRINT_LEN);
    }
}
