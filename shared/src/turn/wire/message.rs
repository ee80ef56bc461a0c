//! Reading a message (RFC 8489 §5, §6.3).

use super::super::limits::ATTRIBUTES_MAX;
use super::{COOKIE, HEADER_LEN, Transaction, attribute, integrity};

/// Types of messages: method and class (RFC 8489 §5, RFC 8656 §17).
pub mod kind {
    pub const BINDING: u16 = 0x0001;
    pub const ALLOCATE: u16 = 0x0003;
    pub const REFRESH: u16 = 0x0004;
    pub const CREATE_PERMISSION: u16 = 0x0008;
    pub const CHANNEL_BIND: u16 = 0x0009;
    pub const SEND: u16 = 0x0016;
    pub const DATA: u16 = 0x0017;
    /// Added to a request's type for its success.
    pub const SUCCESS: u16 = 0x0100;
    /// Added to a request's type for its error.
    pub const ERROR: u16 = 0x0110;
}

/// A message whose header, lengths and fingerprint have been checked.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    pub transaction: Transaction,
    pub kind: u16,
    pub has_fingerprint: bool,
}

/// One attribute.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    pub kind: u16,
    pub value: &'a [u8],
    /// Where it begins in the message.
    pub offset: usize,
}

impl<'a> Message<'a> {
    /// Reads `bytes`, which must be one message and no more.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [kind_high, kind_low, len_high, len_low, cookie @ ..] = *head;
        let transaction = *rest.first_chunk::<12>()?;
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let is_sound = kind_high & 0xc0 == 0
            && cookie == COOKIE
            && len.is_multiple_of(4)
            && bytes.len() == HEADER_LEN + len;
        if !is_sound {
            return None;
        }
        let mut message = Self {
            bytes,
            transaction,
            kind: u16::from_be_bytes([kind_high, kind_low]),
            has_fingerprint: false,
        };
        let mut walk = Walk::new(bytes);
        let mut count = 0;
        for attribute in walk.by_ref() {
            count += 1;
            // Nothing may follow a fingerprint (RFC 8489 §14.7).
            if count > ATTRIBUTES_MAX || message.has_fingerprint {
                return None;
            }
            if attribute.kind == attribute::FINGERPRINT {
                if !integrity::is_fingerprint(bytes, &attribute) {
                    return None;
                }
                message.has_fingerprint = true;
            }
        }
        (walk.offset == bytes.len()).then_some(message)
    }

    /// The attributes that count: behind an integrity check only other checks do (RFC 8489 §9).
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut sealed = 0;
        Walk::new(self.bytes).filter(move |attribute| {
            let rank = match attribute.kind {
                attribute::MESSAGE_INTEGRITY => 1,
                attribute::MESSAGE_INTEGRITY_SHA256 => 2,
                attribute::FINGERPRINT => 3,
                _ => 0,
            };
            let counts = sealed == 0 || rank > sealed;
            sealed = sealed.max(rank);
            counts
        })
    }

    /// The first attribute of this kind.
    pub fn attribute(&self, kind: u16) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.kind == kind)
    }

    /// Its value.
    pub fn value(&self, kind: u16) -> Option<&'a [u8]> {
        self.attribute(kind).map(|attribute| attribute.value)
    }

    /// All of it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Attributes that should be understood and are not.
    pub fn unknown(&self) -> impl Iterator<Item = u16> + use<'a> {
        let kinds = self.attributes().map(|attribute| attribute.kind);
        kinds.filter(|kind| !attribute::is_understood(*kind))
    }
}

/// Goes from attribute to attribute.
#[derive(Debug)]
struct Walk<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let offset = HEADER_LEN;
        Self { bytes, offset }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let offset = self.offset;
        let (head, rest) = self.bytes.get(offset..)?.split_first_chunk::<4>()?;
        let [kind_high, kind_low, len_high, len_low] = *head;
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let value = rest.get(..len)?;
        self.offset = offset + 4 + len.next_multiple_of(4);
        Some(Attribute {
            kind: u16::from_be_bytes([kind_high, kind_low]),
            value,
            offset,
        })
    }
}
