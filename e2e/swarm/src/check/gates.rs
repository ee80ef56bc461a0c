//! Who is asked to show something has shown it before a mailbox is registered or a first contact kept;
//! an operator's invite is good for one mailbox; and where an owner has closed the address, nobody without an
//! invite leaves anything.

use std::collections::{BTreeMap, BTreeSet};

use shared::base::effects::LinkId;
use shared::base::hash::sha256;
use shared::base::id::{EnvelopeId, NodeId, PersonaId};
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::Pass;
use shared::gates::token::TokenSerial;
use shared::gates::work::{Task, Work};
use shared::mailbox::capability::Capability;
use shared::mailbox::wire::Envelope;
use shared::relay::RelayLimits;

use super::shelf::Change;

/// For what, what, and when.
type Shown = (Task, Option<Work>, Timestamp);

/// See the module.
#[derive(Debug, Default)]
pub struct Gates {
    shown: BTreeMap<(usize, LinkId), Pass>,
    personas: BTreeSet<(usize, PersonaId)>,
    envelopes: BTreeSet<(usize, EnvelopeId)>,
    /// What was shown by whoever has no invite.
    asked: BTreeMap<(usize, EnvelopeId), Vec<Shown>>,
    tokens: BTreeMap<(usize, TokenSerial), PersonaId>,
}

/// The supernode that is asked.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// Its number.
    pub node: usize,
    /// Its key seed.
    pub key: &'a [u8; 32],
    /// What it asks for.
    pub limits: &'a RelayLimits,
    /// Its clock.
    pub now: Timestamp,
}

impl Gates {
    /// The process is gone, and its links with it.
    pub fn died(&mut self, node: usize) {
        self.shown.retain(|(of, _), _| *of != node);
    }

    /// Somebody shows something.
    pub fn shows(&mut self, node: usize, link: LinkId, pass: Pass) {
        self.shown.insert((node, link), pass);
    }

    /// Somebody claims a mailbox, with what was shown before.
    pub fn claims(&mut self, door: Door<'_>, link: LinkId, persona: PersonaId) {
        let pass = self.shown.remove(&(door.node, link)).unwrap_or_default();
        let asked = door.limits.registration;
        let key = SigningKey::from_seed(*door.key);
        let task = Task::Registration(NodeId(key.public()), persona);
        let worked = asked.work_bits == 0
            || pass
                .work
                .is_some_and(|work| work.verify(&task, asked.work_bits, door.now).is_ok());
        let token = pass.token;
        let invited =
            !asked.invite || token.is_some_and(|token| token.verify(&key, door.now).is_ok());
        if worked && invited {
            self.personas.insert((door.node, persona));
        }
    }

    /// Somebody leaves an envelope, with what was shown before.
    pub fn deposits(&mut self, door: Door<'_>, link: LinkId, envelope: &Envelope) {
        let pass = self.shown.remove(&(door.node, link)).unwrap_or_default();
        let (to, id) = (envelope.to, envelope.id);
        if envelope.capability == Capability::PUBLIC {
            let task = Task::Asking(to, sha256(&[&envelope.bytes]));
            let shown = self.asked.entry((door.node, id)).or_default();
            return shown.push((task, pass.work, door.now));
        }
        let bits = door.limits.mailboxes.request_work_bits;
        let task = Task::FirstContact(to, id);
        let worked = pass
            .work
            .is_some_and(|work| work.verify(&task, bits, door.now).is_ok());
        if bits > 0 && worked {
            self.envelopes.insert((door.node, id));
        }
    }

    /// A transaction has changed this.
    ///
    /// # Errors
    /// Somebody got in without showing what was asked for.
    pub fn kept(&mut self, door: Door<'_>, change: &Change) -> Result<(), String> {
        let node = door.node;
        match change {
            Change::Kept(_, header, of_owner) if header.public == Some(true) => {
                let shown = self.asked.remove(&(node, header.id)).unwrap_or_default();
                let bits = (*of_owner).max(door.limits.mailboxes.request_work_bits);
                let mut worked = shown
                    .iter()
                    .filter_map(|(task, work, now)| work.as_ref()?.verify(task, bits, *now).ok());
                match (of_owner, worked.next()) {
                    (0, _) => Err(format!(
                        "supernode {node} keeps what somebody asks where the address is closed"
                    )),
                    (_, None) => Err(format!(
                        "supernode {node} keeps what somebody asks who has not worked for it"
                    )),
                    (_, Some(())) => Ok(()),
                }
            }
            Change::Registered(persona) if !self.personas.contains(&(node, *persona)) => Err(
                format!("supernode {node} registers somebody who has not shown what it asks for"),
            ),
            Change::Kept(_, header, _)
                if header.request == Some(true)
                    && door.limits.mailboxes.request_work_bits > 0
                    && !self.envelopes.contains(&(node, header.id)) =>
            {
                Err(format!(
                    "supernode {node} keeps a first contact without work"
                ))
            }
            Change::Token(persona, serial) => match self.tokens.insert((node, *serial), *persona) {
                Some(other) if other != *persona => Err(format!(
                    "supernode {node} registers two mailboxes with one invite of its operator"
                )),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
