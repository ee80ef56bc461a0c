//! What is inside frames, envelopes and channel messages, each by itself.

use shared::base::limits::{CHANNEL_BYTES_MAX, SIGNAL_BYTES_MAX};
use shared::invite::Home;
use shared::mailbox::capability::{CAPABILITY_LEN, Capability};
use shared::mailbox::parcel::{Body, Card, Parcel, Receipt};
use shared::mailbox::tally::{Taken, Window};
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::route::Route;
use shared::session::wire::{DepositReceipt, Refusal};
use shared::signalling::wire::{RtcSignal, Signal};

use super::round_trip_of;

/// One of them, by the first byte.
pub fn run(bytes: &[u8]) -> bool {
    if let Some(capability) = Capability::from_bytes(bytes) {
        assert_eq!(capability.to_bytes(), bytes);
        assert_eq!(bytes.len(), CAPABILITY_LEN);
    }
    if let Ok(signal) = shared::base::codec::decode::<RtcSignal>(bytes, CHANNEL_BYTES_MAX) {
        assert!(signal.fits() || bytes.len() > SIGNAL_BYTES_MAX);
    }
    round_trip_of!(
        bytes,
        CHANNEL_BYTES_MAX,
        Body,
        Parcel,
        Envelope,
        Delivery,
        DepositReceipt,
        DepositCode,
        Refusal,
        Card,
        Receipt,
        Taken,
        Window,
        Home,
        Route,
        RtcSignal,
        Signal,
        Capability,
    )
}
