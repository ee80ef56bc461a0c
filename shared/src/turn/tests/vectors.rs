//! RFC 5769, and the long-term one of RFC 8489 appendix B.

use crate::turn::credentials::Algorithm;
use crate::turn::wire::integrity::Integrity;
use crate::turn::wire::message::Message;
use crate::turn::wire::{address, attribute};

/// The password of the short-term vectors, whose key is the password itself (RFC 8489 §9.1.1).
const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";

fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.replace(char::is_whitespace, "")).unwrap()
}

#[test]
fn the_sample_request_is_read() {
    let bytes = bytes(
        "00010058 2112a442 b7e7a701bc34d686fa87dfae
         80220010 5354554e207465737420636c69656e74
         00240004 6e0001ff 80290008 932ff9b151263b36
         00060009 6576746a3a68367659202020
         00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
         80280004 e57a3bcf",
    );
    let message = Message::parse(&bytes).unwrap();
    assert!(message.has_fingerprint && message.unknown().next().is_none());
    assert_eq!(message.value(attribute::USERNAME), Some(&b"evtj:h6vY"[..]));
    assert!(Integrity::Sha1.holds(PASSWORD, &message));
    assert!(!Integrity::Sha1.holds(b"other", &message));
    assert!(!Integrity::Sha256.holds(PASSWORD, &message));
}

#[test]
fn the_sample_responses_are_read() {
    for (text, mapped) in [
        (
            "0101003c 2112a442 b7e7a701bc34d686fa87dfae
             8022000b 7465737420766563746f7220
             00200008 0001a147e112a643
             00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
             80280004 c07d4c96",
            "192.0.2.1:32853",
        ),
        (
            "01010048 2112a442 b7e7a701bc34d686fa87dfae
             8022000b 7465737420766563746f7220
             00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
             00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
             80280004 c8fb0b4c",
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ),
    ] {
        let bytes = bytes(text);
        let message = Message::parse(&bytes).unwrap();
        let value = message.value(attribute::XOR_MAPPED_ADDRESS).unwrap();
        let read = address::read(value, &message.transaction);
        assert_eq!(read, mapped.parse().ok());
        assert!(Integrity::Sha1.holds(PASSWORD, &message) && message.has_fingerprint);
    }
}

#[test]
fn the_sample_request_with_long_term_credentials_is_read() {
    let bytes = bytes(
        "00010060 2112a442 78ad3433c6ad72c029da412e
         00060012 e3839ee38388e383aae38383e382afe382b90000
         0015001c 662f2f3439396b39353464364f4c33346f4c39465354767936347341
         0014000b 6578616d706c652e6f726700
         00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666",
    );
    let message = Message::parse(&bytes).unwrap();
    let key = Algorithm::Md5.key("マトリックス", "example.org", "TheMatrIX");
    assert!(Integrity::Sha1.holds(&key, &message));
    let key = Algorithm::Md5.key("マトリックス", "example.org", "TheMatrix");
    assert!(!Integrity::Sha1.holds(&key, &message));
}

#[test]
fn one_flipped_bit_is_noticed_wherever_it_is() {
    let good = bytes(
        "00010058 2112a442 b7e7a701bc34d686fa87dfae
         80220010 5354554e207465737420636c69656e74
         00240004 6e0001ff 80290008 932ff9b151263b36
         00060009 6576746a3a68367659202020
         00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
         80280004 e57a3bcf",
    );
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        // A fingerprint that has become another optional attribute is none.
        let passes = Message::parse(&bad).is_some_and(|message| message.has_fingerprint);
        assert!(!passes, "bit {bit}");
    }
}
