//! By which way messages arrive. Not a promise: a row of the table.

use std::collections::BTreeSet;

use shared::base::id::MessageId;

/// See the module.
#[derive(Debug, Default)]
pub struct Paths {
    /// Heard on a data channel.
    direct: BTreeSet<MessageId>,
    /// Heard on a data channel that goes through a relay.
    relayed: BTreeSet<MessageId>,
}

impl Paths {
    /// A message comes on a data channel.
    pub fn heard(&mut self, id: MessageId, relayed: bool) {
        match relayed {
            true => self.relayed.insert(id),
            false => self.direct.insert(id),
        };
    }

    /// Of `arrived`: direct, relayed, and by mailbox alone.
    pub fn shares<'a>(&self, arrived: impl Iterator<Item = &'a MessageId>) -> [usize; 3] {
        let mut shares = [0; 3];
        for id in arrived {
            let path = match (self.direct.contains(id), self.relayed.contains(id)) {
                (true, _) => 0,
                (false, true) => 1,
                (false, false) => 2,
            };
            shares[path] += 1;
        }
        shares
    }
}
