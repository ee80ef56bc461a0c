//! Two who have blocked each other and have both thought better of it: each opens an invite of the other, since
//! the rights that they hold lead nowhere any more.

use crate::world::World;

impl World {
    /// Whoever has made up with somebody opens their invite, which greets them only if their homes take nothing.
    pub(super) fn reconcile(&mut self) {
        for guest in 0..self.people.len() {
            for host in self.people[guest].friends.clone() {
                if self.have_made_up(guest, host) {
                    // A page that cannot take it now is asked again at the next look.
                    let _ = self.befriend(guest, host);
                }
            }
        }
    }

    /// Whether each has blocked the other, and neither does so any more.
    fn have_made_up(&self, one: usize, other: usize) -> bool {
        let blocks = &self.checks.blocks;
        [(one, other), (other, one)].iter().all(|(who, of)| {
            let of = self.people[*of].persona;
            of.is_some_and(|of| blocks.knows(*who, &of) && !blocks.holds(*who, &of))
        })
    }
}
