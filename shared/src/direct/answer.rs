//! The answer that a page writes for the supernode (RFC 8829, RFC 8839, RFC 8841).

use alloc::format;
use alloc::string::String;
use core::fmt::Write;
use core::net::IpAddr;

use super::route::DirectRoute;
use super::{FINGERPRINT_LEN, Fingerprint, MESSAGE_BYTES_MAX, SCTP_PORT, credentials};

/// Priority of the one candidate (RFC 8445 §5.1.2.1: host, of one address).
const PRIORITY: u32 = 2_130_706_431;

/// Answers `offer`, the page's own description as the browser made it. `None` if that has no ICE
/// password, or is not of one data section.
#[must_use]
pub fn answer(route: &DirectRoute, offer: &str) -> Option<String> {
    let mut sections = offer.lines().filter(|line| line.starts_with("m="));
    let is_of_data = sections.next()?.starts_with("m=application ");
    if !is_of_data || sections.next().is_some() {
        return None;
    }
    let ufrag = credentials::ufrag(value(offer, "a=ice-pwd:")?)?;
    let password = credentials::password(&route.certificate);
    let mid = value(offer, "a=mid:")?;
    let ip = route.address.ip();
    let family = match ip {
        IpAddr::V4(_) => "IP4",
        IpAddr::V6(_) => "IP6",
    };
    let port = route.address.port();
    let fingerprint = to_hex(&route.certificate);
    Some(format!(
        "v=0\r\n\
         o=- 0 0 IN IP4 0.0.0.0\r\n\
         s=-\r\n\
         t=0 0\r\n\
         a=group:BUNDLE {mid}\r\n\
         a=ice-lite\r\n\
         m=application {port} UDP/DTLS/SCTP webrtc-datachannel\r\n\
         c=IN {family} {ip}\r\n\
         a=mid:{mid}\r\n\
         a=ice-ufrag:{ufrag}\r\n\
         a=ice-pwd:{password}\r\n\
         a=fingerprint:sha-256 {fingerprint}\r\n\
         a=setup:passive\r\n\
         a=sctp-port:{SCTP_PORT}\r\n\
         a=max-message-size:{MESSAGE_BYTES_MAX}\r\n\
         a=candidate:1 1 udp {PRIORITY} {ip} {port} typ host\r\n\
         a=end-of-candidates\r\n"
    ))
}

/// The page's own fingerprint, as the browser wrote it into its description.
#[must_use]
pub fn fingerprint(offer: &str) -> Option<Fingerprint> {
    let hex = offer.lines().find_map(|line| {
        let (hash, hex) = line
            .strip_prefix("a=fingerprint:")?
            .trim()
            .split_once(' ')?;
        hash.eq_ignore_ascii_case("sha-256").then_some(hex)
    })?;
    let mut out = Fingerprint::default();
    let mut bytes = hex.split(':');
    let is_byte = |text: &&str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_hexdigit());
    for to in &mut out {
        *to = u8::from_str_radix(bytes.next().filter(is_byte)?, 16).ok()?;
    }
    bytes.next().is_none().then_some(out)
}

/// What follows `name` in the first line that begins with it.
fn value<'a>(description: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = description.lines();
    lines
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

fn to_hex(fingerprint: &Fingerprint) -> String {
    let mut out = String::with_capacity(3 * FINGERPRINT_LEN);
    for (at, byte) in fingerprint.iter().enumerate() {
        let colon = if at == 0 { "" } else { ":" };
        // Writing into a text cannot fail.
        let _ = write!(out, "{colon}{byte:02X}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE data\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n\
        a=ice-pwd:abcdefghijklmnopqrstuv\r\na=setup:actpass\r\na=mid:data\r\na=sctp-port:5000\r\n";

    fn route(address: &str) -> DirectRoute {
        DirectRoute {
            address: address.parse().unwrap(),
            certificate: [0xab; FINGERPRINT_LEN],
        }
    }

    #[test]
    fn an_answer_says_who_and_where_the_supernode_is() {
        let answer = answer(&route("192.0.2.1:3478"), OFFER).unwrap();
        let password = credentials::password(&[0xab; FINGERPRINT_LEN]);
        for line in [
            "a=ice-lite",
            "a=mid:data",
            "a=setup:passive",
            "a=ice-ufrag:kd1/abcdefghijklmnopqrstuv",
            &format!("a=ice-pwd:{password}"),
            &format!(
                "a=fingerprint:sha-256 {}",
                ["AB"; FINGERPRINT_LEN].join(":")
            ),
            "a=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host",
            "a=max-message-size:65536",
        ] {
            assert!(answer.lines().any(|it| it == line), "{line}");
        }
        assert_eq!(fingerprint(&answer), Some([0xab; FINGERPRINT_LEN]));
    }

    #[test]
    fn an_address_of_the_newer_kind_is_named_as_such() {
        let answer = answer(&route("[2001:db8::1]:1"), OFFER).unwrap();
        assert!(answer.contains("c=IN IP6 2001:db8::1\r\n"));
        assert!(answer.contains(" 2001:db8::1 1 typ host\r\n"));
    }

    #[test]
    fn what_is_no_offer_of_one_data_section_has_no_answer() {
        let route = route("192.0.2.1:3478");
        let audio = OFFER.replace("m=application", "m=audio");
        let two = [OFFER, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"].concat();
        let short = OFFER.replace("abcdefghijklmnopqrstuv", "short");
        for bad in ["", &audio, &two, &short] {
            assert_eq!(answer(&route, bad), None);
        }
    }

    #[test]
    fn a_fingerprint_is_of_sha_256_and_whole() {
        let line = |hex: &str| format!("a=fingerprint:sha-256 {hex}\r\n");
        assert!(fingerprint(&line(&["0a"; 32].join(":"))).is_some());
        assert_eq!(fingerprint(&line(&["0a"; 31].join(":"))), None);
        assert_eq!(fingerprint(&line(&["0a"; 33].join(":"))), None);
        assert_eq!(fingerprint(&line(&["+1"; 32].join(":"))), None);
        assert_eq!(fingerprint("a=fingerprint:sha-1 0A:0B\r\n"), None);
    }
}
