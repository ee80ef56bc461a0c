//! The computer's clock was set back: whatever was noted by it is mended, so that nothing waits until the
//! clock has caught up.

use super::Peer;
use super::contact::Contact;
use crate::base::clock::SetBack;

impl Peer {
    /// Looks at everything that waits for a moment, or is counted from one.
    pub(super) fn mend_moments(&mut self, back: &SetBack) {
        self.lines.set_back(back);
        for contact in self.contacts.values_mut() {
            contact.set_back(back);
        }
        for out in self.outbox.values_mut() {
            out.set_back(back);
        }
        for known in self.known_homes.values_mut() {
            known.packages_at.iter_mut().for_each(|at| back.past(at));
            known.held.iter_mut().for_each(|it| back.past(&mut it.at));
        }
        self.tally.set_back(back);
        self.blocks.set_back(back);
        self.toil.set_back(back);
        self.requests.set_back(back);
        self.servers.set_back(back);
        self.asking.iter_mut().for_each(|until| back.due(until));
    }
}

impl Contact {
    fn set_back(&mut self, back: &SetBack) {
        self.heard.iter_mut().for_each(|at| back.past(at));
        self.channel.set_back(back);
    }
}
