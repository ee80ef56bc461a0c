//! Writing a message.

use core::net::SocketAddr;

use super::super::limits::REPLY_BYTES_MAX;
use super::integrity::{Integrity, fingerprint};
use super::{COOKIE, HEADER_LEN, Transaction, address, attribute};

/// A message on the stack.
#[derive(Debug)]
pub struct Writer {
    bytes: [u8; REPLY_BYTES_MAX],
    len: usize,
    transaction: Transaction,
}

impl Writer {
    /// A message without attributes.
    pub fn new(kind: u16, transaction: Transaction) -> Self {
        let mut writer = Self {
            bytes: [0; REPLY_BYTES_MAX],
            len: 0,
            transaction,
        };
        writer.push(&kind.to_be_bytes());
        writer.push(&[0, 0]);
        writer.push(&COOKIE);
        writer.push(&transaction);
        writer
    }

    /// What has been written.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Adds an attribute, if it fits.
    pub fn attribute(&mut self, kind: u16, value: &[u8]) {
        let Ok(len) = u16::try_from(value.len()) else {
            return;
        };
        if self.len + 4 + value.len().next_multiple_of(4) > self.bytes.len() {
            return;
        }
        self.push(&kind.to_be_bytes());
        self.push(&len.to_be_bytes());
        self.push(value);
        self.len = self.len.next_multiple_of(4);
        self.set_len(self.len);
    }

    /// Adds an address.
    pub fn address(&mut self, kind: u16, address: SocketAddr) {
        let (value, len) = address::write(address, &self.transaction);
        self.attribute(kind, value.get(..len).unwrap_or_default());
    }

    /// Adds ERROR-CODE without a reason, which would only make it longer (RFC 8489 §14.8).
    pub fn error(&mut self, code: u16) {
        self.attribute(attribute::ERROR_CODE, &error_code(0, code));
    }

    /// Adds the integrity check by `key`.
    pub fn integrity(&mut self, integrity: Integrity, key: &[u8]) {
        let tag = integrity.tag(key, self.bytes(), self.len);
        self.attribute(integrity.attribute(), tag.as_ref());
    }

    /// Adds the fingerprint, which must come last.
    pub fn fingerprint(&mut self) {
        self.set_len(self.len + 8);
        let value = fingerprint(self.bytes());
        self.attribute(attribute::FINGERPRINT, &value);
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
            self.len = end;
        }
    }

    /// Says in the header that the message is `total` bytes long.
    fn set_len(&mut self, total: usize) {
        let len = u16::try_from(total.saturating_sub(HEADER_LEN)).unwrap_or_default();
        if let Some(room) = self.bytes.get_mut(2..4) {
            room.copy_from_slice(&len.to_be_bytes());
        }
    }
}

/// The value of ERROR-CODE, and with a family that of ADDRESS-ERROR-CODE (RFC 8656 §18.12).
pub fn error_code(family: u8, code: u16) -> [u8; 4] {
    let [class, number] = [code / 100, code % 100].map(|part| u8::try_from(part).unwrap_or(0));
    [family, 0, class, number]
}
