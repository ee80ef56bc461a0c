//! The public address: what its owner does about it, whom the page asks by that of others, and who asks by it.

use arbitrary::Unstructured;
use minicbor::bytes::ByteVec;
use shared::base::id::{MessageId, PersonaId};
use shared::base::random::bytes;
use shared::base::time::Timestamp;
use shared::conversation::content::Content;
use shared::invite::Invite;
use shared::mailbox::capability::Capability;
use shared::mailbox::parcel::Body;
use shared::peer::command::Command;
use shared::peer::requests::{PUBLIC_BITS_MAX, PUBLIC_BITS_MIN};

use super::foe::Foe;
use super::stage::Stage;
use crate::chance::Bytes;
use crate::edit::edited;
use crate::prepared::prepared;

/// Something that a person does about requests.
pub fn command(stage: &Stage, which: u8) -> Command {
    let requests = stage.peer.requests();
    let first = requests.first().map(|request| request.persona);
    // Whoever has not asked can be named too.
    let who = first.unwrap_or(prepared().personas[2]);
    match which % 8 {
        0 => Command::TakeBackInvites,
        1 => Command::AcceptRequest(who),
        2 => Command::DeclineRequest(who),
        3 => Command::BlockRequest(who),
        4 => Command::LetAskAgain,
        5 => {
            let bits = [0, PUBLIC_BITS_MIN, PUBLIC_BITS_MAX, PUBLIC_BITS_MAX + 1];
            let work_bits = bits[usize::from(which / 8 % 4)];
            Command::OpenTo { work_bits }
        }
        6 => Command::OpenTo {
            work_bits: PUBLIC_BITS_MIN,
        },
        _ => Command::Ask {
            code: address(usize::from(which / 8) % 3, stage),
            words: "may I?".into(),
        },
    }
}

/// The public address of one of the prepared people.
fn address(person: usize, stage: &Stage) -> String {
    let code = &prepared().invites[person];
    let invite = Invite::read(code, stage.victim.now);
    let address = invite.map(|invite| Invite {
        capability: Capability::PUBLIC,
        ..invite
    });
    address.map_or_else(|_| code.clone(), |address| address.to_code())
}

impl Foe {
    /// A first contact by the page's public address, with first words that may not be such.
    pub fn asks_in_public(
        &mut self,
        now: Timestamp,
        input: &mut Unstructured<'_>,
        random: &mut Bytes,
        texts: &mut Vec<(PersonaId, String)>,
    ) -> arbitrary::Result<Body> {
        let key_package = self.mls.key_package(random, now, false);
        let content = Content {
            id: MessageId(bytes(random)),
            at: now,
            clock: 1,
            parents: Vec::new(),
            kind: 0,
            text: "may I?".into(),
            data: Vec::new(),
        };
        let words = edited(&content.to_bytes(), input);
        if let Ok(content) = Content::read(&words) {
            texts.push((self.id(), content.text));
        }
        Ok(Body::Hello {
            card: self.card(input)?,
            key_package: edited(&key_package.unwrap_or_default(), input),
            invite: Capability::PUBLIC,
            welcome: None,
            words: input.arbitrary::<bool>()?.then(|| ByteVec::from(words)),
        })
    }
}

/// Whether it asks without an invite.
pub fn is_public(body: &Body) -> bool {
    matches!(body, Body::Hello { invite, .. } if *invite == Capability::PUBLIC)
}
