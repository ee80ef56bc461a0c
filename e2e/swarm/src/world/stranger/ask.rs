//! Asking by a public address, mostly without having worked for it; and never with anything to say.

use shared::base::codec::encode;
use shared::base::effects::LinkId;
use shared::base::hash::sha256;
use shared::base::id::EnvelopeId;
use shared::base::random::bytes;
use shared::gates::Pass;
use shared::gates::work::{Puzzle, Task};
use shared::mailbox::capability::Capability;
use shared::mailbox::wire::Envelope;
use shared::peer::requests::PUBLIC_BITS_MIN;
use shared::session::wire::ClientFrame;

use crate::net::End;
use crate::net::pipe::Item;
use crate::world::World;

/// Numbers tried at once; mostly the work is done by then.
const TRIES: u32 = 4 << PUBLIC_BITS_MIN;

impl World {
    pub(super) fn stranger_asks(&mut self, stranger: usize, link: LinkId) {
        let it = &mut self.strangers[stranger];
        let victim = it.chance.below(self.people.len());
        let Some(to) = self.people[victim].persona else {
            return;
        };
        let sealed = bytes::<400>(&mut it.chance).to_vec();
        let task = Task::Asking(to, sha256(&[&sealed]));
        let work = match it.chance.below(8) {
            0 => {
                let puzzle = Puzzle::new(task, PUBLIC_BITS_MIN, self.now);
                it.worked = puzzle.solve(0, TRIES).or(it.worked);
                it.worked
            }
            1..4 => None,
            // It was for something else.
            _ => it.worked,
        };
        let id = EnvelopeId(bytes(&mut it.chance));
        let fits = work.is_some_and(|it| it.verify(&task, PUBLIC_BITS_MIN, self.now).is_ok());
        if !fits {
            self.checks.rights.forged(id);
        }
        it.requests += 1;
        let request = it.requests;
        let envelope = Envelope {
            to,
            capability: Capability::PUBLIC,
            id,
            keep_seconds: 3600,
            bytes: sealed,
        };
        let pass = Pass { token: None, work };
        for frame in [
            ClientFrame::Show { pass },
            ClientFrame::Deposit { request, envelope },
        ] {
            let item = Item::Message(encode(&frame));
            self.put(End::Stranger(stranger), link, item);
        }
    }
}
