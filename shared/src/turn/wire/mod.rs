//! Messages as bytes: RFC 8489 §5 and §14, RFC 8656 §18.

pub mod address;
pub mod attribute;
pub mod integrity;
pub mod message;
pub mod writer;

/// Second word of each message (RFC 8489 §5).
pub const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Bytes of a message before its attributes.
pub const HEADER_LEN: usize = 20;
/// Names a request and its answer.
pub type Transaction = [u8; 12];
