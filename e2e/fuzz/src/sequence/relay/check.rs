//! What a supernode owes, whatever it hears: a model of who has a right to what.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use shared::base::id::{EnvelopeId, PersonaId};
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::Pass;
use shared::gates::token::TokenSerial;
use shared::gates::work::Work;
use shared::mailbox::capability::{Capability, CapabilitySerial, SECRET_LEN};
use shared::mailbox::server::record::Key;
use shared::mailbox::wire::{Delivery, DepositCode, Envelope};
use shared::session::wire::DepositReceipt;

use e2e_swarm::disk::Records;

use super::asking;

/// See the module.
#[derive(Default)]
pub struct Model {
    /// Secrets that owners gave with a claim that proved who they are.
    secrets: BTreeSet<(PersonaId, [u8; SECRET_LEN])>,
    /// Deposits that had a right when they came: their bytes.
    allowed: BTreeMap<(PersonaId, EnvelopeId), BTreeSet<Vec<u8>>>,
    /// Requests on links: what was asked, whether with a right.
    asked: BTreeMap<(usize, u32), (Envelope, bool)>,
    /// Whether they came without an invite.
    ways: BTreeSet<((PersonaId, EnvelopeId), bool)>,
    /// Key packages for one use, by owner: how often published less how often handed out.
    packages: BTreeMap<(PersonaId, Vec<u8>), u32>,
    /// Those of last resort.
    last_resorts: BTreeSet<(PersonaId, Vec<u8>)>,
    /// Invites of the operator, by the mailbox they registered.
    tokens: BTreeMap<TokenSerial, PersonaId>,
    /// Envelopes that were ever on the disk.
    pub kept: BTreeSet<(PersonaId, EnvelopeId)>,
    /// Something was handed over or kept.
    pub went_far: bool,
}

impl Model {
    /// A claim that proves who they are has come.
    pub fn claims(&mut self, persona: PersonaId, secret: [u8; SECRET_LEN]) {
        self.secrets.insert((persona, secret));
    }

    fn has_right(
        &self,
        to: &PersonaId,
        capability: &Capability,
        now: Timestamp,
        disk: &Records,
    ) -> bool {
        let issued = self
            .secrets
            .iter()
            .any(|(persona, secret)| persona == to && capability.verify(secret, to, now).is_ok());
        issued && !disk.contains_key(&Key::Revoked(*to, capability.serial).to_bytes())
    }

    /// A deposit comes.
    pub fn deposits(
        &mut self,
        (link, request): (usize, u32),
        envelope: &Envelope,
        shown: (Option<Work>, u8),
        (now, disk): (Timestamp, &Records),
    ) {
        let place = (envelope.to, envelope.id);
        let public = envelope.capability == Capability::PUBLIC;
        let right = match public {
            true => asking::may_ask(envelope, shown, (now, disk)),
            false => self.has_right(&envelope.to, &envelope.capability, now, disk),
        };
        if right {
            self.ways.insert((place, public));
            let bytes = envelope.bytes.clone();
            self.allowed.entry(place).or_default().insert(bytes);
        }
        // Who asks again for what is there is not asked for work again.
        let right = right || (public && self.kept.contains(&place));
        self.asked
            .insert((link, request), (envelope.clone(), right));
    }

    /// A deposit is answered, and by now everything that had to be written is.
    pub fn answered(&mut self, link: usize, receipt: &DepositReceipt) {
        let Some((envelope, right)) = self.asked.get(&(link, receipt.request)) else {
            panic!("an answer to what nobody asked: {receipt:?}");
        };
        assert_eq!(receipt.id, envelope.id);
        if receipt.code != DepositCode::Ok {
            return;
        }
        assert!(right, "taken without a right: {envelope:?}");
        self.went_far = true;
        if envelope.keep_seconds > 0 {
            assert!(
                self.kept.contains(&(envelope.to, envelope.id)),
                "acknowledged and not kept"
            );
        }
    }

    /// An envelope is handed to a session of `mailbox`.
    pub fn delivered(&mut self, mailbox: &PersonaId, delivery: &Delivery) {
        let place = (*mailbox, delivery.id);
        let said = self.allowed.get(&place);
        assert!(
            said.is_some_and(|all| all.contains(&delivery.bytes)),
            "handed over what nobody had a right to leave"
        );
        let way = (place, delivery.public.is_some());
        assert!(self.ways.contains(&way), "by another way than it came");
        if delivery.sequence > 0 {
            assert!(self.kept.contains(&place), "handed over what is not kept");
        }
        self.went_far = true;
    }

    /// Key packages come from their owner.
    pub fn publishes(&mut self, owner: PersonaId, packages: &[ByteVec], last: Option<&ByteVec>) {
        for package in packages {
            let place = (owner, package.to_vec());
            *self.packages.entry(place).or_default() += 1;
        }
        self.last_resorts
            .extend(last.map(|package| (owner, package.to_vec())));
    }

    /// A key package is handed out.
    pub fn hands_out(&mut self, owner: &PersonaId, package: &[u8]) {
        let place = (*owner, package.to_vec());
        match self.packages.get_mut(&place) {
            Some(left) if *left > 0 => *left -= 1,
            known => assert!(
                self.last_resorts.contains(&place),
                "a key package is handed out that {}",
                if known.is_some() {
                    "was before"
                } else {
                    "nobody published"
                }
            ),
        }
    }

    /// A mailbox is registered on a link where this was shown, to a supernode that asks for an invite.
    pub fn registers(&mut self, persona: PersonaId, pass: &Pass, key: &SigningKey) {
        // Whether it was still good is a question of when it was shown.
        let serial = pass
            .token
            .and_then(|token| token.verify(key, Timestamp(0)).ok());
        let Some(serial) = serial else {
            panic!("registered without an invite")
        };
        let before = self.tokens.insert(serial, persona);
        assert!(
            before.is_none_or(|before| before == persona),
            "an invite registered two mailboxes"
        );
    }

    /// Mailboxes may have been forgotten.
    pub fn much_time_passed(&mut self) {
        self.tokens.clear();
    }

    /// After this, whoever has one of these is refused.
    pub fn revoked(
        &self,
        (disk, now): (&Records, Timestamp),
        owner: &PersonaId,
        serials: &[CapabilitySerial],
    ) -> bool {
        let is_over = |serial: &CapabilitySerial| {
            serial
                .last_day()
                .is_some_and(|day| now.days() > u64::from(day))
        };
        let is_kept = |serial| disk.contains_key(&Key::Revoked(*owner, serial).to_bytes());
        let mut left = serials.iter().copied().filter(|serial| !is_over(serial));
        left.all(is_kept)
    }
}
