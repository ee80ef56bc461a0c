//! Invites: any text, and any body behind a checksum that is right.

use base64ct::{Base64UrlUnpadded, Encoding};
use shared::base::hash::sha256;
use shared::base::limits::{HOMES_MAX, INVITE_BYTES_MAX, NAME_BYTES_MAX};
use shared::base::time::Timestamp;
use shared::invite::{FORMAT, Invite};

/// Before the last day of the frozen invite.
const NOW: Timestamp = Timestamp(100 * 86_400_000);

/// The input as a text, and as the body of a code.
pub fn run(bytes: &[u8]) -> bool {
    let as_text = std::str::from_utf8(bytes).is_ok_and(read);
    let mut code = Vec::from([FORMAT]);
    code.extend_from_slice(bytes);
    let sum = sha256(&[b"kith/invite v1\0", &code]);
    code.extend_from_slice(&sum.0[..4]);
    read(&Base64UrlUnpadded::encode_string(&code)) || as_text
}

fn read(text: &str) -> bool {
    let Ok(invite) = Invite::read(text, NOW) else {
        return false;
    };
    assert!(invite.name.len() <= NAME_BYTES_MAX && !invite.name.is_empty());
    assert!((1..=HOMES_MAX).contains(&invite.homes.len()));
    assert!(invite.expires() >= NOW);
    // What was read may be a shorter name than what was written, never a longer one.
    let code = invite.to_code();
    assert!(code.len() <= INVITE_BYTES_MAX.div_ceil(3) * 4 + 8);
    let again = Invite::read(&code, NOW);
    assert_eq!(again.as_ref(), Ok(&invite), "an invite is read back");
    true
}
