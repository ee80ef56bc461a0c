//! Who speaks to the page: Ben, a contact gone bad, with all that was on his disk; and Cleo, a stranger
//! with an invite. What they say is properly signed and sealed, so that it gets deep.

use arbitrary::Unstructured;
use e2e_swarm::disk::Records;
use minicbor::bytes::ByteVec;
use shared::base::codec::decode;
use shared::base::id::{ConversationId, EnvelopeId, MessageId, PersonaId, SealKey};
use shared::base::random::bytes;
use shared::base::time::Timestamp;
use shared::conversation::content::Content;
use shared::conversation::mls::{Accepts, Mls};
use shared::identity::secret::{DeviceSecret, PersonaSecret};
use shared::invite::Invite;
use shared::mailbox::parcel::{Body, Card, Parcel, Receipt};
use shared::mailbox::seal::seal;
use shared::mailbox::tally::{Taken, Window};
use shared::mailbox::wire::Delivery;
use shared::peer::records::{AccountRecord, ContactRecord};
use shared::signalling::wire::{RtcSignal, Signal};

use super::asking::is_public;
use crate::chance::Bytes;
use crate::edit::edited;
use crate::prepared::prepared;

const EVERYONE: Accepts<'static> = &|_| true;
const RECORD_BYTES_MAX: usize = 256 * 1024;

/// See the module.
pub struct Foe {
    account: AccountRecord,
    persona: PersonaSecret,
    device: DeviceSecret,
    pub(super) mls: Mls,
    group: Option<ConversationId>,
    key_packages: Vec<Vec<u8>>,
    clock: u64,
    /// Messages that were encrypted, to be said again.
    said: Vec<(MessageId, Vec<u8>)>,
    number: u64,
    /// Whether the page has let them come near: an invite of it was used.
    pub hellos: u32,
}

fn record<T>(disk: &Records, key: &[u8]) -> Option<T>
where
    T: for<'b> minicbor::Decode<'b, ()>,
{
    decode(disk.get(key)?, RECORD_BYTES_MAX).ok()
}

impl Foe {
    /// With the disk of one of the prepared people.
    pub fn of(person: usize) -> Option<Self> {
        let world = prepared();
        let disk = &world.people[person];
        let account: AccountRecord = record(disk, b"a")?;
        let mls = disk.range(vec![b'k']..vec![b'l']);
        let mls = mls.map(|(key, value)| (key[1..].to_vec(), value.clone()));
        let contact = [b"c", world.personas[0].as_bytes()].concat();
        let contact: Option<ContactRecord> = record(disk, &contact);
        Some(Self {
            persona: PersonaSecret::from_seed(account.persona_seed),
            device: DeviceSecret::from_seed(account.device_seed),
            mls: Mls::load(world.personas[person], &account.device_seed, mls),
            group: contact.as_ref().and_then(|contact| contact.group),
            clock: contact.map_or(0, |contact| contact.clock),
            key_packages: Vec::new(),
            said: Vec::new(),
            number: 1000,
            account,
            hellos: 0,
        })
    }

    pub fn id(&self) -> PersonaId {
        self.persona.id()
    }

    /// What they say next; texts that they really say go to `texts`.
    pub fn body(
        &mut self,
        (now, victim): (Timestamp, &Victim),
        input: &mut Unstructured<'_>,
        random: &mut Bytes,
        texts: &mut Vec<(PersonaId, String)>,
    ) -> arbitrary::Result<Body> {
        Ok(match input.int_in_range(0..=9)? {
            0 => {
                let fresh = self.mls.key_package(random, now, false).unwrap_or_default();
                self.key_packages.push(fresh);
                let key_package = input.choose(&self.key_packages)?.clone();
                let key_package = edited(&key_package, input);
                let welcome = self.welcome(now, victim, input, random)?;
                self.hellos += 1;
                Body::Hello {
                    card: self.card(input)?,
                    key_package,
                    invite: if input.ratio(1, 6)? {
                        self.account.invite
                    } else {
                        victim.invite.capability
                    },
                    welcome: welcome.map(ByteVec::from),
                    words: None,
                }
            }
            1 => Body::Accept {
                card: self.card(input)?,
                welcome: self
                    .welcome(now, victim, input, random)?
                    .unwrap_or_default(),
            },
            2..=4 => self.message(now, input, random, texts)?,
            5 => {
                let ids = |input: &mut Unstructured<'_>| {
                    let count = input.int_in_range(0..=3)?;
                    let ids = (0..count).map(|_| match victim.messages.is_empty() {
                        true => Ok(MessageId([input.arbitrary()?; 16])),
                        false => Ok(*input.choose(&victim.messages)?),
                    });
                    ids.collect::<arbitrary::Result<Vec<_>>>()
                };
                Body::Receipt(Receipt {
                    delivered: ids(input)?,
                    read_up_to: input.int_in_range(0..=20)?,
                    unreadable: ids(input)?,
                })
            }
            6 => Body::Card(self.card(input)?),
            9 => self.asks_in_public(now, input, random, texts)?,
            _ => Body::Signal(signal(input)?),
        })
    }

    fn message(
        &mut self,
        now: Timestamp,
        input: &mut Unstructured<'_>,
        random: &mut Bytes,
        texts: &mut Vec<(PersonaId, String)>,
    ) -> arbitrary::Result<Body> {
        let again = !self.said.is_empty() && input.ratio(1, 3)?;
        let (id, bytes) = if again {
            input.choose(&self.said)?.clone()
        } else {
            let id = MessageId(bytes(random));
            self.clock = match input.int_in_range(0..=4)? {
                0 => self.clock,
                1 => self.clock.saturating_add(1 << 21),
                2 if input.arbitrary()? => u64::MAX,
                _ => self.clock.saturating_add(1),
            };
            let text = format!("from a foe {}", self.said.len());
            let content = Content {
                id,
                at: now,
                clock: self.clock,
                parents: Vec::new(),
                kind: input.int_in_range(0..=2)?,
                text: text.clone(),
                data: Vec::new(),
            };
            let content = edited(&content.to_bytes(), input);
            let group = self.group.unwrap_or(ConversationId([0; 16]));
            let sealed = self.mls.encrypt(random, group, &content);
            if let Ok(content) = Content::read(&content) {
                texts.push((self.id(), content.text));
            }
            self.said.push((id, sealed.unwrap_or_default()));
            self.said.last().cloned().unwrap_or((id, Vec::new()))
        };
        let id = match input.ratio(1, 10)? {
            true => MessageId([input.arbitrary()?; 16]),
            false => id,
        };
        Ok(Body::Message {
            id,
            bytes: edited(&bytes, input),
        })
    }

    /// A message that is as it should be.
    pub fn says(&mut self, now: Timestamp, random: &mut Bytes) -> Option<(Body, String)> {
        let (id, text) = (
            MessageId(bytes(random)),
            format!("said {}", self.said.len()),
        );
        self.clock = self.clock.saturating_add(1);
        let content = Content {
            id,
            at: now,
            clock: self.clock,
            parents: Vec::new(),
            kind: 0,
            text: text.clone(),
            data: Vec::new(),
        };
        let group = self.group?;
        let bytes = self.mls.encrypt(random, group, &content.to_bytes()).ok()?;
        self.said.push((id, bytes.clone()));
        Some((Body::Message { id, bytes }, text))
    }

    /// A first contact that is as it should be, by an invite of the victim's, who is welcomed into a group.
    pub fn asks(&mut self, now: Timestamp, victim: &Victim, random: &mut Bytes) -> Option<Body> {
        let key_package = self.mls.key_package(random, now, false).ok()?;
        self.key_packages.push(key_package.clone());
        let welcome = victim.key_packages.last().and_then(|package| {
            let group = ConversationId(bytes(random));
            let (welcome, _) = self
                .mls
                .create(random, now, group, package, EVERYONE)
                .ok()?;
            self.group = Some(group);
            Some(ByteVec::from(welcome))
        });
        self.hellos += 1;
        let card = Card {
            devices: self.account.devices.clone(),
            name: self.account.name.clone(),
            homes: self.account.homes.clone(),
            capability: self.account.invite,
            inbox: self.persona.inbox().public(),
        };
        Some(Body::Hello {
            card,
            key_package,
            invite: victim.invite.capability,
            welcome,
            words: None,
        })
    }

    /// Signed and sealed as it should be.
    pub fn posts(
        &mut self,
        (now, sequence): (Timestamp, u64),
        victim: &Victim,
        body: Body,
        random: &mut Bytes,
    ) -> Delivery {
        let id = EnvelopeId(bytes(random));
        let parcel = Parcel {
            to: victim.id,
            envelope: id,
            from: self.id(),
            device: self.device.id(),
            at: now,
            body,
            number: None,
            taken: Vec::new(),
        };
        self.delivery(&parcel, sequence, victim, random)
    }

    /// Into a group of theirs, made with a key package of the page.
    fn welcome(
        &mut self,
        now: Timestamp,
        victim: &Victim,
        input: &mut Unstructured<'_>,
        random: &mut Bytes,
    ) -> arbitrary::Result<Option<Vec<u8>>> {
        if victim.key_packages.is_empty() || input.arbitrary()? {
            return Ok(None);
        }
        let group = ConversationId(bytes(random));
        let key_package = input.choose(&victim.key_packages)?;
        let made = self.mls.create(random, now, group, key_package, EVERYONE);
        let Ok((welcome, _)) = made else {
            return Ok(None);
        };
        self.group = Some(group);
        Ok(Some(edited(&welcome, input)))
    }

    pub(super) fn card(&self, input: &mut Unstructured<'_>) -> arbitrary::Result<Card> {
        let mut homes = self.account.homes.clone();
        if input.ratio(1, 4)? {
            homes.truncate(0);
        }
        let name = match input.int_in_range(0..=3)? {
            0 => String::new(),
            1 => "A\u{202e}nn".into(),
            _ => self.account.name.clone(),
        };
        Ok(Card {
            devices: edited(&self.account.devices, input),
            name,
            homes,
            capability: self.account.invite,
            inbox: match input.ratio(1, 6)? {
                true => SealKey([0; 32]),
                false => self.persona.inbox().public(),
            },
        })
    }

    /// Signed and sealed, as a home hands it over.
    pub fn envelope(
        &mut self,
        (now, sequence): (Timestamp, u64),
        victim: &Victim,
        body: Body,
        input: &mut Unstructured<'_>,
        random: &mut Bytes,
    ) -> arbitrary::Result<Delivery> {
        let id = EnvelopeId(bytes(random));
        self.number += 1;
        let flags: u8 = input.arbitrary()?;
        // A home may lie about how something came.
        let public = is_public(&body) != (flags & 7 == 6);
        let pretends = flags & 7 == 7;
        let at = match flags >> 3 & 7 {
            0 => Timestamp(0),
            1 => Timestamp(u64::MAX),
            _ => now,
        };
        let taken = (flags & 0x40 != 0).then(|| Taken {
            node: prepared().supernodes[0].0,
            numbers: {
                let mut window = Window::default();
                window.insert(self.number.saturating_sub(u64::from(flags & 3)));
                window
            },
        });
        let parcel = Parcel {
            to: victim.id,
            envelope: id,
            from: if pretends {
                prepared().personas[1]
            } else {
                self.id()
            },
            device: self.device.id(),
            at,
            body,
            number: (flags & 0x80 != 0).then_some(self.number),
            taken: taken.into_iter().collect(),
        };
        let delivery = self.delivery(&parcel, sequence, victim, random);
        Ok(Delivery {
            public: public.then_some(true),
            ..delivery
        })
    }

    fn delivery(
        &self,
        parcel: &Parcel,
        sequence: u64,
        victim: &Victim,
        random: &mut Bytes,
    ) -> Delivery {
        let (signed, id) = (parcel.sign(self.device.sign()), parcel.envelope);
        let sealed = seal(&signed, &victim.id, &id, &[victim.invite.inbox], random);
        Delivery {
            sequence,
            id,
            at: parcel.at,
            bytes: sealed.unwrap_or_default(),
            public: is_public(&parcel.body).then_some(true),
        }
    }
}

/// What they know of the page's owner.
pub struct Victim {
    pub id: PersonaId,
    pub invite: Invite,
    /// When that was good.
    pub now: Timestamp,
    /// Messages of theirs.
    pub messages: Vec<MessageId>,
    /// Key packages that the page gave to its home.
    pub key_packages: Vec<Vec<u8>>,
}

fn signal(input: &mut Unstructured<'_>) -> arbitrary::Result<Signal> {
    let attempt = *input.choose(&[0, 1, 2, 3, u64::MAX])?;
    let step = |signal| Signal::Step { attempt, signal };
    Ok(match input.int_in_range(0..=5)? {
        0 => Signal::Knock,
        1 => Signal::Here,
        2 => Signal::Bye,
        3 => step(RtcSignal::Offer("v=0".into())),
        4 => step(RtcSignal::Answer("v=0".into())),
        _ => step(RtcSignal::Candidate {
            candidate: String::new(),
            mid: None,
            line: None,
        }),
    })
}
