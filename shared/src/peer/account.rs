//! Who I am on this device: making it, changing it, and inviting others.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::command::CommandError;
use super::io::Outcome;
use super::records::{ACCOUNT, AccountRecord};
use super::view::InvitePreview;
use super::{Cx, Peer};
use crate::base::codec;
use crate::base::id::NodeId;
use crate::base::limits::{INVITE_TTL, ROUTES_MAX};
use crate::base::time::Timestamp;
use crate::conversation::mls::Mls;
use crate::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use crate::identity::name::{BadName, clean_name};
use crate::identity::secret::{DeviceSecret, PersonaSecret};
use crate::identity::words::words_of_pair;
use crate::invite::{Home, Invite, InviteError};
use crate::mailbox::capability::{Capability, CapabilitySerial, Lane};
use crate::mailbox::parcel::{Body, Card};
use crate::session::client::Claim;
use crate::session::route::Route;

/// Supernodes that are made homes without being asked for.
const HOMES_WANTED: usize = 3;
/// An invite that is shown is good for at least this long.
const INVITE_LEFT: core::time::Duration = core::time::Duration::from_secs(7 * 24 * 3600);

/// The account, ready for use.
pub struct Account {
    /// Persona keys.
    pub persona: PersonaSecret,
    /// Device keys.
    pub device: DeviceSecret,
    /// The name I chose.
    pub name: String,
    /// My device list.
    pub devices: VerifiedDeviceList,
    /// My home supernodes.
    pub homes: Vec<Home>,
    /// Capability of the invite that is shown.
    pub invite: Capability,
    /// Serials of earlier ones that may still be good.
    pub earlier: Vec<CapabilitySerial>,
    /// Serials of those that were taken back.
    pub taken_back: Vec<CapabilitySerial>,
    /// Channels go through relays only.
    pub always_relay: bool,
    /// Sending time of my last hello, accept or card.
    pub card_at: Timestamp,
    /// Work by which anybody may ask, in bits, as in [`AccountRecord::public_bits`].
    pub public_bits: Option<u8>,
}

impl Account {
    /// The account of a record that was kept; `None` when it is damaged.
    pub fn load(record: AccountRecord) -> Option<Self> {
        let persona = PersonaSecret::from_seed(record.persona_seed);
        let device = DeviceSecret::from_seed(record.device_seed);
        let devices = VerifiedDeviceList::verify(&record.devices).ok()?;
        let mine = devices.persona() == persona.id() && devices.device(&device.id()).is_some();
        mine.then_some(Self {
            persona,
            device,
            name: record.name,
            devices,
            homes: record.homes,
            invite: record.invite,
            earlier: record.earlier,
            taken_back: record.taken_back,
            always_relay: record.always_relay,
            card_at: record.card_at,
            public_bits: record.public_bits,
        })
    }

    fn keep(&self, cx: &mut Cx<'_>) {
        let record = codec::encode(&self.to_record());
        cx.out.store.put(ACCOUNT.to_vec(), record);
    }

    /// Makes another invite. The old one stays good until its end, unless it is taken back.
    pub(super) fn replace_invite(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now;
        let good = |serial: &CapabilitySerial| !serial.is_over(now);
        self.earlier.push(self.invite.serial);
        self.earlier.retain(good);
        self.taken_back.retain(good);
        self.invite = Capability::issue(
            &self.persona.capability_secret(),
            &self.persona.id(),
            Lane::Invite,
            Some(cx.now.after(INVITE_TTL)),
            cx.random,
        );
    }

    /// As kept.
    pub fn to_record(&self) -> AccountRecord {
        AccountRecord {
            persona_seed: *self.persona.seed(),
            device_seed: *self.device.seed(),
            name: self.name.clone(),
            devices: self.devices.carried().to_vec(),
            homes: self.homes.clone(),
            invite: self.invite,
            earlier: self.earlier.clone(),
            taken_back: self.taken_back.clone(),
            always_relay: self.always_relay,
            card_at: self.card_at,
            public_bits: self.public_bits,
        }
    }

    /// What my homes are told when I claim my mailbox.
    pub fn claim(&self) -> Claim<'_> {
        Claim {
            persona: self.persona.id(),
            devices: self.devices.carried(),
            device: &self.device,
            capability_secret: self.persona.capability_secret(),
        }
    }

    /// My invite; `None` while there is no home to name.
    pub fn invite(&self) -> Option<Invite> {
        (!self.homes.is_empty()).then(|| Invite {
            persona: self.persona.id(),
            inbox: self.persona.inbox().public(),
            capability: self.invite,
            name: self.name.clone(),
            homes: self.homes.clone(),
        })
    }
}

fn name_of(text: &str) -> Result<String, CommandError> {
    clean_name(text).map_err(|error| match error {
        BadName::Empty => CommandError::NameEmpty,
        BadName::TooLong { len } => CommandError::NameTooLong { len },
    })
}

impl Peer {
    /// The supernodes I have mailboxes at.
    pub(super) fn my_homes(&self) -> impl Iterator<Item = NodeId> {
        let homes = self.account.iter().flat_map(|account| &account.homes);
        homes.map(|home| home.node)
    }

    pub(super) fn create_persona(
        &mut self,
        cx: &mut Cx<'_>,
        name: &str,
    ) -> Result<Outcome, CommandError> {
        if self.account.is_some() {
            return Err(CommandError::HavePersona);
        }
        let name = name_of(name)?;
        let persona = PersonaSecret::random(cx.random);
        let device = DeviceSecret::random(cx.random);
        let list = DeviceList {
            persona: persona.id(),
            version: 1,
            previous: None,
            at: cx.now,
            devices: Vec::from([DeviceEntry {
                device: device.id(),
                seal: device.seal().public(),
                since: cx.now,
            }]),
        };
        // A list of one device, signed by its own persona, is always sound.
        let Ok(devices) = VerifiedDeviceList::sign(&list, persona.sign()) else {
            return Err(CommandError::NoPersona);
        };
        let until = Some(cx.now.after(INVITE_TTL));
        let invite = Capability::issue(
            &persona.capability_secret(),
            &persona.id(),
            Lane::Invite,
            until,
            cx.random,
        );
        self.mls = Some(Mls::new(persona.id(), device.seed()));
        self.account = Some(Account {
            persona,
            device,
            name,
            devices,
            homes: Vec::new(),
            invite,
            earlier: Vec::new(),
            taken_back: Vec::new(),
            always_relay: false,
            card_at: Timestamp(0),
            public_bits: None,
        });
        self.account_changed(cx);
        self.adopt_homes(cx);
        Ok(Outcome::Done)
    }

    pub(super) fn rename(&mut self, cx: &mut Cx<'_>, name: &str) -> Result<Outcome, CommandError> {
        let name = name_of(name)?;
        let Some(account) = &mut self.account else {
            return Err(CommandError::NoPersona);
        };
        if account.name != name {
            account.name = name;
            self.account_changed(cx);
            self.tell_card(cx);
        }
        Ok(Outcome::Done)
    }

    /// The page is up, and these supernodes are offered with it.
    pub(super) fn start(
        &mut self,
        cx: &mut Cx<'_>,
        supernodes: Vec<(NodeId, Vec<Route>)>,
        webrtc: bool,
    ) {
        self.webrtc = webrtc;
        self.lines.online = true;
        self.supernodes = supernodes
            .into_iter()
            .map(|(node, routes)| Home {
                node,
                routes: routes.into_iter().take(ROUTES_MAX).collect(),
            })
            .filter(Home::is_sound)
            .collect();
        self.adopt_homes(cx);
        self.show_tokens(cx);
        self.renew_invite(cx);
        self.tick_outbox(cx);
        self.look_after_contacts(cx);
        self.drop_old_requests(cx);
        if let Some(mls) = &mut self.mls {
            let _ = mls.drop_expired_key_packages(cx.now);
        }
        self.pump = true;
    }

    /// Takes supernodes that came with the page as homes: new ones while there is room, new routes of
    /// old ones, and one that stands where another stood (its operator lost the old key).
    pub(super) fn adopt_homes(&mut self, cx: &mut Cx<'_>) {
        let Some(account) = &mut self.account else {
            return;
        };
        let before = account.homes.clone();
        for offered in &self.supernodes {
            let same_place = |home: &Home| {
                home.routes
                    .iter()
                    .any(|route| offered.routes.contains(route))
            };
            if let Some(home) = account
                .homes
                .iter_mut()
                .find(|home| home.node == offered.node)
            {
                home.routes.clone_from(&offered.routes);
            } else if let Some(home) = account.homes.iter_mut().find(|home| same_place(home)) {
                home.clone_from(offered);
            } else if account.homes.len() < HOMES_WANTED {
                account.homes.push(offered.clone());
            }
        }
        let homes = account.homes.clone();
        if homes != before {
            self.account_changed(cx);
            self.tell_card(cx);
        }
        self.lines.set_homes(cx, &homes);
        cx.changed(super::view::Changed::Network);
    }

    fn renew_invite(&mut self, cx: &mut Cx<'_>) {
        let Some(account) = &mut self.account else {
            return;
        };
        let last_day = account.invite.serial.last_day().map_or(u64::MAX, u64::from);
        if cx.now.after(INVITE_LEFT).days() > last_day {
            account.replace_invite(cx);
            self.account_changed(cx);
        }
    }

    pub(super) fn account_changed(&mut self, cx: &mut Cx<'_>) {
        if let Some(account) = &self.account {
            account.keep(cx);
            cx.changed(super::view::Changed::Me);
        }
    }

    /// My card for a contact whose capability is `issued`.
    pub(super) fn my_card(&self, issued: Capability) -> Option<Card> {
        let account = self.account.as_ref()?;
        (!account.homes.is_empty()).then(|| Card {
            devices: account.devices.carried().to_vec(),
            name: account.name.clone(),
            homes: account.homes.clone(),
            capability: issued,
            inbox: account.persona.inbox().public(),
        })
    }

    /// The sending time of a card that is made now: later than that of any before, even of one that was made
    /// when the clock was ahead.
    pub(super) fn card_time(&mut self, cx: &mut Cx<'_>) -> Timestamp {
        let Some(account) = &mut self.account else {
            return cx.now;
        };
        account.card_at = cx.now.max(Timestamp(account.card_at.0.saturating_add(1)));
        account.keep(cx);
        account.card_at
    }

    fn tell_card(&mut self, cx: &mut Cx<'_>) {
        let told: Vec<_> = self
            .contacts
            .values()
            .filter(|contact| contact.has_answered())
            .filter(|contact| !self.is_blocked(&contact.record.persona))
            .map(|contact| (contact.record.persona, contact.record.issued))
            .collect();
        for (persona, issued) in told {
            if let Some(card) = self.my_card(issued) {
                self.enqueue_body(cx, persona, &Body::Card(card));
            }
        }
    }

    /// Reads an invite and says whose it is.
    ///
    /// # Errors
    /// [`InviteError`].
    pub fn preview(&self, now: Timestamp, code: &str) -> Result<InvitePreview, InviteError> {
        let invite = Invite::read(code, now)?;
        let me = self.account.as_ref().map(|account| account.persona.id());
        if me == Some(invite.persona) {
            return Err(InviteError::Own);
        }
        Ok(InvitePreview {
            persona: invite.persona,
            name: invite.name.to_string(),
            words: me
                .map(|me| words_of_pair(&me, &invite.persona))
                .unwrap_or_default(),
            known: self.knows_invite(&invite),
            expires: invite.expires(),
            public: invite.is_public(),
        })
    }
}
