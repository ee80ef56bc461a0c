//! Decoders: bytes are refused, or give a value that is written and read back alike.

pub mod client_session;
pub mod config;
pub mod direct;
pub mod gates;
pub mod invite;
pub mod key_packages;
pub mod log_frame;
pub mod mailbox;
pub mod mls_state;
pub mod node_records;
pub mod page;
pub mod parcel;
pub mod peer_records;
pub mod session;
pub mod stream;
pub mod texts;
pub mod turn;
pub mod websocket;

use core::fmt::Debug;

use minicbor::{Decode, Encode};
use shared::base::codec::{decode, encode};

/// Reads a `T` of at most `bytes_max` bytes; what was read is written and read back alike. Whether it
/// was read.
///
/// # Panics
/// When it is not read back, or read as something else.
pub fn round_trip<T>(bytes: &[u8], bytes_max: usize) -> bool
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug,
{
    let Ok(value) = decode::<T>(bytes, bytes_max) else {
        return false;
    };
    let written = encode(&value);
    match decode::<T>(&written, usize::MAX) {
        Ok(again) => {
            assert_eq!(again, value, "read back as something else");
            assert_eq!(encode(&again), written, "written in two ways");
        }
        Err(error) => panic!("{value:?} is not read back: {error}"),
    }
    true
}

/// Picks one of several types by the first byte, and reads the rest as it.
macro_rules! round_trip_of {
    ($bytes:expr, $max:expr, $($type:ty),+ $(,)?) => {{
        let readers: &[fn(&[u8], usize) -> bool] = &[$($crate::decoders::round_trip::<$type>),+];
        match $bytes.split_first() {
            Some((which, rest)) => readers[usize::from(*which) % readers.len()](rest, $max),
            None => false,
        }
    }};
}
pub(crate) use round_trip_of;
