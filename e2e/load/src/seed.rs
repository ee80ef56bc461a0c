//! Data folders with many mailboxes, filled by the supernode's own code without sockets: a million claims over
//! sockets would be hours of handshakes.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use shared::base::effects::{Batch, LinkId};
use shared::mailbox::server::{MailboxLimits, Mailboxes};
use supernode::drive::now;
use supernode::store::Store;
use supernode::store::embedded::Embedded;

use crate::person::Person;

/// Changes that share a commit.
const BATCH_CHANGES: usize = 100_000;
/// Envelopes are kept for so long, in seconds.
const KEEP_SECONDS: u32 = 86_400;

/// Registers `mailboxes` people in the data folder `data`, each of whom one envelope of `bytes` bytes waits
/// for, and returns `chosen` of them, evenly spread.
///
/// # Errors
/// When the disk does not do, or there would be more mailboxes than a supernode takes.
pub fn fill(
    data: &Path,
    mailboxes: usize,
    chosen: usize,
    bytes: usize,
) -> Result<Vec<Arc<Person>>> {
    let store = Embedded::open(&data.join("store"))?;
    let limits = MailboxLimits::default();
    let (mut relay, _) = Mailboxes::restore(limits, []);
    let mut batch = Batch::default();
    let mut people = Vec::new();
    for number in 0..mailboxes {
        let person = Person::new();
        person.register(&mut relay, &mut batch)?;
        let envelope = person.envelope(u64::MAX, KEEP_SECONDS, vec![7; bytes]);
        let deposited = relay.deposit(now(), envelope, None, &mut batch);
        deposited.map_err(|code| anyhow!("a deposit was refused: {code:?}"))?;
        if people.len() < chosen.min(mailboxes) * (number + 1) / mailboxes {
            people.push(Arc::new(person));
        }
        if batch.changes.len() >= BATCH_CHANGES {
            store.commit(&std::mem::take(&mut batch))?;
        }
    }
    store.commit(&batch)?;
    Ok(people)
}

impl Person {
    fn register(&self, relay: &mut Mailboxes, batch: &mut Batch) -> Result<()> {
        const LINK: LinkId = LinkId(0);
        let (devices, device) = (self.devices(), self.device());
        relay.claim(now(), LINK, devices, device, self.secret(), batch)?;
        relay.close(LINK, &devices.persona());
        Ok(())
    }
}
