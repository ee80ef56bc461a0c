//! Who is blocked, to be drawn.

use alloc::vec::Vec;

use crate::peer::Peer;
use crate::peer::view::BlockedView;

impl Peer {
    /// Contacts that are blocked, the last one first.
    #[must_use]
    pub fn blocked(&self) -> Vec<BlockedView> {
        let homes: Vec<_> = self.my_homes().collect();
        let mut blocked: Vec<_> = self
            .blocks
            .blocked
            .iter()
            .filter_map(|(persona, block)| {
                let contact = self.contacts.get(persona)?;
                let confirmed = self.blocks.revoked.get(&block.serial).map_or(0, |revoked| {
                    let confirmed = |home| revoked.confirmed.contains(home);
                    homes.iter().filter(|home| confirmed(home)).count()
                });
                let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                Some(BlockedView {
                    conversation: contact.conversation,
                    persona: *persona,
                    name: contact.record.name.clone(),
                    since: block.since,
                    confirmed: count(confirmed),
                    homes: count(homes.len()),
                })
            })
            .collect();
        blocked.sort_by_key(|blocked| core::cmp::Reverse(blocked.since));
        blocked
    }
}
