//! A contact gone bad: a program with the keys of somebody's device, that says what it likes.

use std::time::Duration;

use minicbor::Decoder;
use shared::base::codec::{decode, encode};
use shared::base::effects::LinkId;
use shared::base::id::{EnvelopeId, PersonaId, SealKey};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::base::random::bytes;
use shared::base::time::Timestamp;
use shared::conversation::mls::Mls;
use shared::identity::secret::{DeviceSecret, PersonaSecret};
use shared::invite::{Home, Invite};
use shared::mailbox::parcel::{Body, Card, Parcel};
use shared::mailbox::seal::seal;
use shared::mailbox::wire::{Delivery, DepositCode};
use shared::peer::io::Input;
use shared::session::wire::{DepositReceipt, NodeFrame};

use super::{Event, Who, World};

pub struct Turncoat {
    persona: PersonaSecret,
    device: DeviceSecret,
    device_seed: [u8; 32],
    devices: Vec<u8>,
    victim: Who,
    to: PersonaId,
    inbox: SealKey,
}

impl Turncoat {
    /// With the keys on `who`'s disk, against `victim`.
    pub fn of(world: &World, who: Who, victim: Who) -> Self {
        let account = &world.person(who).disk[b"a".as_slice()];
        let field = |wanted: u32| {
            let mut decoder = Decoder::new(account);
            let fields = decoder.map().unwrap().unwrap();
            (0..fields)
                .find_map(|_| {
                    let key = decoder.u32().unwrap();
                    if key == wanted {
                        return Some(decoder.bytes().unwrap().to_vec());
                    }
                    decoder.skip().unwrap();
                    None
                })
                .unwrap()
        };
        let device_seed = field(1).try_into().unwrap();
        Self {
            persona: PersonaSecret::from_seed(field(0).try_into().unwrap()),
            device: DeviceSecret::from_seed(device_seed),
            device_seed,
            devices: field(3),
            victim,
            to: world.person(victim).peer.me().unwrap().persona,
            inbox: invite_of(world, victim).inbox,
        }
    }

    /// A card of theirs, with the homes of the victim's invite.
    pub fn card(&self, world: &World) -> Card {
        let invite = invite_of(world, self.victim);
        Card {
            devices: self.devices.clone(),
            name: "Ann".into(),
            homes: invite.homes,
            capability: invite.capability,
            inbox: self.persona.inbox().public(),
        }
    }

    /// A first contact, once more.
    pub fn hello(&self, world: &mut World) -> Body {
        let mut mls = Mls::new(self.persona.id(), &self.device_seed);
        let now = world.now;
        let key_package = mls.key_package(&mut world.random, now, false).unwrap();
        Body::Hello {
            card: self.card(world),
            key_package,
            invite: invite_of(world, self.victim).capability,
            welcome: None,
            words: None,
        }
    }

    /// A first contact in the name of another contact of the victim's, at homes of this program's choice.
    pub fn hello_as(&self, world: &mut World, other: &Self, homes: Vec<Home>) -> Delivery {
        let mut body = self.hello(world);
        if let Body::Hello { card, .. } = &mut body {
            card.devices.clone_from(&other.devices);
            card.homes = homes;
        }
        let far = Timestamp(u64::MAX / 2);
        self.signed(world, (1000, other.persona.id(), far), body)
    }

    /// An envelope as a home would hand it over.
    pub fn envelope(&self, world: &mut World, sequence: u64, body: Body) -> Delivery {
        let from = (sequence, self.persona.id(), world.now);
        self.signed(world, from, body)
    }

    fn signed(
        &self,
        world: &mut World,
        (sequence, from, at): (u64, PersonaId, Timestamp),
        body: Body,
    ) -> Delivery {
        let envelope = EnvelopeId(bytes(&mut world.random));
        let parcel = Parcel {
            to: self.to,
            envelope,
            from,
            device: self.device.id(),
            at,
            body,
            number: None,
            taken: Vec::new(),
        };
        let signed = parcel.sign(self.device.sign());
        let bytes = seal(
            &signed,
            &self.to,
            &envelope,
            &[self.inbox],
            &mut world.random,
        )
        .unwrap();
        Delivery {
            sequence,
            id: envelope,
            at: world.now,
            bytes,
            public: None,
        }
    }
}

fn invite_of(world: &World, who: Who) -> Invite {
    Invite::read(&world.person(who).invite(), world.now).unwrap()
}

impl World {
    /// The sessions of `who` with a supernode.
    pub fn links_to(&self, who: Who, node: usize) -> Vec<LinkId> {
        let links = self.sockets.iter();
        let links = links.filter(|((person, _), (at, _))| (*person, *at) == (who.0, node));
        links.map(|((_, link), _)| *link).collect()
    }

    /// A supernode answers deposits of `who` that it never looked at, whatever their numbers and ids.
    pub fn answer_at_random(&mut self, who: Who, node: usize, code: DepositCode) {
        let receipts = (1..100).map(|request| DepositReceipt {
            request,
            id: EnvelopeId([0; 16]),
            code,
            handed: 0,
            keep_seconds: None,
        });
        let frame = NodeFrame::Deposited {
            receipts: receipts.collect(),
        };
        for link in self.links_to(who, node) {
            self.receive(who, link, encode(&frame));
        }
    }

    /// The open session by which `who` reads their mailbox.
    pub fn home_link(&self, who: Who) -> Option<LinkId> {
        let open = self.heard.iter().rev().filter(|(person, link, _)| {
            *person == who.0 && self.sockets.contains_key(&(who.0, *link))
        });
        open.into_iter()
            .find(|(.., bytes)| {
                matches!(
                    decode::<NodeFrame>(bytes, FRAME_BYTES_MAX),
                    Ok(NodeFrame::Claimed { .. })
                )
            })
            .map(|(_, link, _)| *link)
    }

    /// A home of `who` hands these over in one frame; `false` when the page has left it.
    pub fn hand_over(&mut self, who: Who, deliveries: Vec<Delivery>) -> bool {
        let Some(link) = self.home_link(who) else {
            return false;
        };
        let bytes = encode(&NodeFrame::Deliver { deliveries });
        self.receive(who, link, bytes);
        true
    }

    /// A message reaches `who` on a link.
    pub fn receive(&mut self, who: Who, link: LinkId, bytes: Vec<u8>) {
        let input = Input::Received { link, bytes };
        self.post(Duration::ZERO, Event::ToPerson(who.0, input));
    }
}
