//! What ties a session to one DTLS connection: both certificates' fingerprints.

/// Bytes of a SHA-256 fingerprint.
const FINGERPRINT_BYTES: usize = 32;

/// The fingerprints in two session descriptions, the smaller first, so that both ends get the same
/// bytes. Empty when either has none.
pub fn of(mine: &str, theirs: &str) -> Vec<u8> {
    let (Some(mine), Some(theirs)) = (fingerprint(mine), fingerprint(theirs)) else {
        return Vec::new();
    };
    let mut both = [mine, theirs];
    both.sort_unstable();
    both.concat()
}

/// `a=fingerprint:sha-256 AB:CD:…` (RFC 8122 §5).
fn fingerprint(sdp: &str) -> Option<Vec<u8>> {
    let hex = sdp.lines().find_map(|line| {
        let rest = line.strip_prefix("a=fingerprint:")?;
        let (hash, hex) = rest.trim().split_once(' ')?;
        hash.eq_ignore_ascii_case("sha-256").then_some(hex)
    })?;
    let bytes: Option<Vec<u8>> = hex
        .split(':')
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect();
    bytes.filter(|bytes| bytes.len() == FINGERPRINT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdp(byte: &str) -> String {
        let hex = [byte; FINGERPRINT_BYTES].join(":");
        format!("v=0\r\na=fingerprint:sha-256 {hex}\r\na=setup:actpass\r\n")
    }

    #[test]
    fn both_ends_get_the_same_bytes() {
        let (ann, ben) = (sdp("0A"), sdp("FF"));
        assert_eq!(of(&ann, &ben), of(&ben, &ann));
        assert_eq!(of(&ann, &ben).len(), 2 * FINGERPRINT_BYTES);
    }

    #[test]
    fn a_description_without_a_fingerprint_gives_none() {
        assert!(of(&sdp("0A"), "v=0\r\n").is_empty());
        assert!(of(&sdp("0A"), "a=fingerprint:sha-256 0A:0B\r\n").is_empty());
        assert!(of(&sdp("0A"), &sdp("zz")).is_empty());
    }
}
