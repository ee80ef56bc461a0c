//! The driver's part: what the supernode wants is written, sent and done in the order it owes, and each frame is
//! held against the model.

use std::collections::BTreeMap;
use std::hash::Hash;

use shared::base::codec::decode;
use shared::base::effects::{Effect, LinkId};
use shared::base::limits::{FRAME_BYTES_MAX, PUBLIC_SHARE};
use shared::mailbox::server::record::{HeaderRecord, Key};
use shared::relay::{Input, Job, Relay, RelayEffects};
use shared::session::wire::NodeFrame;

use super::disk::Act;
use super::stage::Stage;

impl Stage {
    pub fn handle(&mut self, input: Input) {
        let mut out = RelayEffects::default();
        self.relay
            .handle(self.now, &mut self.random, input, &mut out);
        self.accept(out);
    }

    fn accept(&mut self, out: RelayEffects) {
        let mut ended = Vec::new();
        for act in &out.then {
            let (Effect::Send(link, _) | Effect::HangUp(link)) = act else {
                continue;
            };
            assert!(
                self.by_link.contains_key(link),
                "names a link that is no more"
            );
            assert!(!ended.contains(link), "names a link after hanging up");
            if matches!(act, Effect::HangUp(_)) {
                ended.push(*link);
            }
        }
        for link in ended {
            // It says something yet; the client hears it and nothing after it.
            if let Some(line) = self.by_link.remove(&link) {
                self.lines[line].link = None;
            }
        }
        let stats = self.relay.stats().kept;
        let most = self.limits.mailboxes;
        assert!(stats.mailboxes <= most.mailboxes as u64 && stats.bytes <= most.bytes);
        assert!(stats.envelopes <= stats.mailboxes * (most.mailbox_envelopes + most.requests));
        for act in self.disk.take(out) {
            self.perform(act);
        }
    }

    fn perform(&mut self, act: Act) {
        match act {
            Effect::Send(link, outgoing) => {
                let bytes = outgoing.into_bytes();
                (link, &bytes).hash(&mut self.trace);
                assert!(
                    bytes.len() <= FRAME_BYTES_MAX,
                    "a frame of {} bytes",
                    bytes.len()
                );
                match decode::<NodeFrame>(&bytes, FRAME_BYTES_MAX) {
                    Ok(frame) => self.hear(link, frame),
                    Err(error) => panic!("says what is no frame: {error}"),
                }
            }
            Effect::Job(Job::Read(window)) => self.jobs.push(window),
            Effect::HangUp(_) | Effect::Notify(_) => {}
            Effect::Dial(_, never) => match never {},
        }
    }

    fn hear(&mut self, link: LinkId, frame: NodeFrame) {
        let line = self.lines.iter().position(|line| line.link == Some(link));
        let Some(line) = line else { return };
        let key = self.node_key();
        let it = &mut self.lines[line];
        match frame {
            NodeFrame::Challenge { nonce, .. } => it.node_nonce = Some(nonce),
            NodeFrame::Claimed { .. } => {
                let Some(who) = it.claims else {
                    panic!("claimed by nobody who may");
                };
                it.claimed = true;
                if self.limits.registration.invite && self.fresh.contains(&who.0) {
                    self.model.registers(who.0, &it.shown, &key);
                }
            }
            NodeFrame::Deposited { receipts } => {
                for receipt in &receipts {
                    self.model.answered(line, receipt);
                }
            }
            NodeFrame::Deliver { deliveries } => {
                let Some((mailbox, _)) = it.claims.filter(|_| it.claimed) else {
                    panic!("handed over to nobody who claimed");
                };
                for delivery in &deliveries {
                    if delivery.sequence > 0 {
                        assert!(delivery.sequence > it.last_sequence, "out of order");
                        it.last_sequence = delivery.sequence;
                    }
                    self.model.delivered(&mailbox, delivery);
                }
            }
            NodeFrame::Package {
                mailbox,
                package: Some(package),
                ..
            } => self.model.hands_out(&mailbox, &package),
            _ => {}
        }
    }

    pub fn commit(&mut self, batches: usize) {
        for _ in 0..batches {
            self.commit_one();
        }
    }

    /// Keeps everything that waits.
    pub fn commit_all(&mut self) {
        while self.commit_one() {}
    }

    fn commit_one(&mut self) -> bool {
        let before = self.disk.mailboxes();
        let Some(then) = self.disk.commit() else {
            return false;
        };
        let after = self.disk.mailboxes();
        self.fresh = after.difference(&before).copied().collect();
        self.note_kept();
        then.into_iter().for_each(|act| self.perform(act));
        true
    }

    fn note_kept(&mut self) {
        let mut publics = BTreeMap::<_, u64>::new();
        for (key, value) in &self.disk.kept {
            if let Some(Key::Header(persona, _)) = Key::from_bytes(key) {
                let header = decode::<HeaderRecord>(value, FRAME_BYTES_MAX);
                let header = header.unwrap_or_else(|error| panic!("an unreadable header: {error}"));
                self.model.kept.insert((persona, header.id));
                *publics.entry(persona).or_default() += u64::from(header.public == Some(true));
            }
        }
        let share = self.limits.mailboxes.requests / PUBLIC_SHARE;
        assert!(publics.values().all(|count| *count <= share));
    }

    /// A commit fails.
    pub fn fail(&mut self) {
        if self.disk.is_idle() {
            return;
        }
        for act in self.disk.refuse() {
            if let Effect::Send(link, outgoing) = act
                && let Some(instead) = outgoing.instead()
            {
                self.perform(Effect::Send(link, instead));
            }
        }
        let mut out = RelayEffects::default();
        let bad = self.relay.reload(self.disk.index(), &mut out);
        assert!(bad.is_empty(), "an unreadable record");
        self.accept(out);
    }

    /// The process dies, and starts anew.
    pub fn crash(&mut self, written: bool) {
        if written {
            self.disk.commit();
            self.note_kept();
        }
        let _ = self.disk.refuse();
        self.jobs.clear();
        self.by_link.clear();
        self.lines = Default::default();
        let (relay, bad) = Relay::new(self.limits, self.node_key(), self.disk.index());
        assert!(bad.is_empty(), "an unreadable record");
        self.relay = relay;
    }

    /// Everything is kept: a start finds what the running supernode has.
    pub fn end(&mut self) {
        self.commit_all();
        let (again, bad) = Relay::new(self.limits, self.node_key(), self.disk.index());
        assert!(bad.is_empty(), "an unreadable record");
        assert_eq!(again.stats().kept, self.relay.stats().kept);
    }
}
