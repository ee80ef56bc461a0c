//! What a page keeps of a contact.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use shared::base::id::{ConversationId, DeviceId, Hash, MessageId, NodeId, PersonaId};
use shared::base::limits::{DEVICE_LIST_BYTES_MAX, HOMES_MAX, KEY_PACKAGE_BYTES_MAX, PARENTS_MAX};
use shared::peer::records::{Came, ContactRecord, LastRecord, RECORD_BYTES_MAX, Spare};

use super::records::{failure, state};
use super::round_trip::{drawn, round_trips};
use super::values::{
    Values, byte_string, bytes, capability, homes, id, moment, name, number, seal_key, small,
    taken, text, window,
};

/// Most of what is known again, in bytes: 256 times 8.
const CAME_IN_BYTES: usize = 256 * 8;
/// Characters of a first line.
const LINE_BYTES: usize = 4 * 120;

fn spare() -> Values<Spare> {
    drawn!(Spare {
        group: id(ConversationId),
        since: moment(),
        shared: any::<bool>(),
    })
}

fn came() -> Values<Came> {
    drawn!(Came {
        device: id(DeviceId),
        node: id(NodeId),
        numbers: window(),
    })
}

fn last() -> Values<LastRecord> {
    drawn!(LastRecord {
        text: text(LINE_BYTES),
        at: moment(),
        id: id(MessageId),
        clock: number(),
        mine: of(state()),
    })
}

fn contact() -> Values<ContactRecord> {
    drawn!(ContactRecord {
        persona: id(PersonaId),
        name: name(),
        inbox: seal_key(),
        capability: capability(),
        homes: homes(),
        devices: bytes(DEVICE_LIST_BYTES_MAX),
        issued: capability(),
        group: of(id(ConversationId)),
        since: moment(),
        card_at: moment(),
        clock: number(),
        heads: vec(id(MessageId), 0..=PARENTS_MAX),
        last: of(last()),
        unread: small(),
        first_unread: of(id(MessageId)),
        read_by_them: number(),
        read_by_me: number(),
        active: moment(),
        pinned: any::<bool>(),
        muted: any::<bool>(),
        numbered: number(),
        taken: taken(),
        came: vec(came(), 0..=HOMES_MAX),
        answered: of(id(Hash)),
        offered: of(byte_string(KEY_PACKAGE_BYTES_MAX)),
        answers: vec(id(Hash), 0..4),
        spare: vec(spare(), 0..4),
        greeting: of(id(ConversationId)),
        unheard: of(failure()),
        came_in: bytes(CAME_IN_BYTES),
        shared: any::<bool>(),
        stranger: any::<bool>(),
        card_doubt: of(moment()),
        card_ceiling: of(moment()),
        refused: any::<bool>(),
        let_in: any::<bool>(),
    })
}

#[test]
fn a_contact_is_read_back() {
    round_trips(RECORD_BYTES_MAX, contact());
}
