//! Every queue stays within its limit, and nobody spins.

use std::collections::BTreeMap;

use shared::base::effects::LinkId;
use shared::base::limits::{
    CHANNEL_BYTES_MAX, CONTACTS_MAX, DELIVERY_WINDOW, DELIVERY_WINDOW_BYTES, FRAME_BYTES_MAX,
    OUTBOX_MAX,
};
use shared::base::time::Timestamp;
use shared::relay::{RelayLimits, Stats};

use crate::disk::Records;
use crate::net::End;

/// Bytes that wait for a person's disk: what the page's queue takes, and one more batch.
const WAITING_BYTES_MAX: usize = 9 * 1024 * 1024;
/// Deadlines of one end within one millisecond.
const TICKS_MAX: u32 = 200;

/// See the module.
#[derive(Debug, Default)]
pub struct Bounded {
    ticks: BTreeMap<End, (Timestamp, u32)>,
}

impl Bounded {
    /// A deadline has come.
    ///
    /// # Errors
    /// It comes again and again, and time does not pass.
    pub fn ticks(&mut self, now: Timestamp, end: End, why: &str) -> Result<(), String> {
        let (at, count) = self.ticks.entry(end).or_insert((now, 0));
        if *at != now {
            (*at, *count) = (now, 0);
        }
        *count += 1;
        if *count > TICKS_MAX {
            return Err(format!("{end:?} does not come to rest: {why}"));
        }
        Ok(())
    }
}

/// What waits to be sent.
///
/// # Errors
/// There is more than the outbox holds (messages, and something for each contact).
pub fn outbox(person: usize, kept: &Records) -> Result<(), String> {
    let entries = kept.range(vec![b'o']..vec![b'p']).count();
    if entries > OUTBOX_MAX + CONTACTS_MAX {
        return Err(format!("person {person} has {entries} in their outbox"));
    }
    Ok(())
}

/// What waits to be written.
///
/// # Errors
/// There is more than the page lets wait.
pub fn queue(person: usize, bytes: usize) -> Result<(), String> {
    if bytes > WAITING_BYTES_MAX {
        return Err(format!(
            "{bytes} bytes wait for the disk of person {person}"
        ));
    }
    Ok(())
}

/// What goes out.
///
/// # Errors
/// It is larger than a frame may be.
pub fn frame(from: End, link: LinkId, bytes: &[u8]) -> Result<(), String> {
    if bytes.len() > FRAME_BYTES_MAX.max(CHANNEL_BYTES_MAX) {
        return Err(format!("{from:?} sends {} bytes on {link:?}", bytes.len()));
    }
    Ok(())
}

/// What a supernode has handed a device ahead of the device's word that it is kept.
///
/// # Errors
/// It is more than the window.
pub fn ahead(node: usize, count: usize, bytes: u64) -> Result<(), String> {
    if count > DELIVERY_WINDOW || (bytes > DELIVERY_WINDOW_BYTES && count > 1) {
        return Err(format!(
            "supernode {node} hands over {count} envelopes, {bytes} bytes, ahead of any word"
        ));
    }
    Ok(())
}

/// What a supernode holds.
///
/// # Errors
/// It is more than its operator allowed.
pub fn node(node: usize, stats: Stats, limits: &RelayLimits) -> Result<(), String> {
    let (kept, allowed) = (stats.kept, &limits.mailboxes);
    if kept.mailboxes > allowed.mailboxes as u64
        || kept.bytes > allowed.bytes
        || kept.envelopes > kept.mailboxes.saturating_mul(allowed.mailbox_envelopes)
        || kept.bytes > kept.mailboxes.saturating_mul(allowed.mailbox_bytes)
    {
        return Err(format!("supernode {node} holds more than it may: {kept:?}"));
    }
    Ok(())
}
