//! What a page and a supernode keep.

use minicbor::bytes::ByteVec;
use shared::base::id::{
    ConversationId, DeviceId, EnvelopeId, Hash, MessageId, NodeId, PersonaId, SealKey,
};
use shared::base::time::Timestamp;
use shared::mailbox::capability::CapabilitySerial;
use shared::mailbox::server::record::{HeaderRecord, MailboxRecord, PackagesRecord};
use shared::mailbox::tally::Taken;
use shared::peer::records::{
    AccountRecord, AskedRecord, BlockRecord, Came, ContactRecord, Failure, Held, HomeRecord,
    LastRecord, MessageRecord, OutRecord, OutWhat, RequestRecord, RevokedRecord, Spare,
    StoredState,
};

use super::frames::{capability, token};
use super::frozen::{Frozen, all_kinds, kinds, names, newest, older};
use super::letters::{home, window};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn accounts() -> Vec<Frozen<AccountRecord>> {
    let account = |earlier, taken_back, always_relay| AccountRecord {
        persona_seed: [1; 32],
        device_seed: [2; 32],
        name: "Ann".into(),
        devices: vec![3; 4],
        homes: vec![home()],
        invite: capability(),
        earlier,
        taken_back,
        always_relay,
        card_at: Timestamp(0),
        public_bits: None,
    };
    let serial = |byte| vec![CapabilitySerial([byte; 8])];
    vec![
        older("record-account.1", account(Vec::new(), Vec::new(), false)),
        older("record-account.2", account(serial(4), serial(5), false)),
        older("record-account.3", account(serial(4), serial(5), true)),
        older(
            "record-account.4",
            AccountRecord {
                card_at: NOW,
                ..account(serial(4), serial(5), true)
            },
        ),
        newest(
            "record-account.5",
            AccountRecord {
                card_at: NOW,
                public_bits: Some(20),
                ..account(serial(4), serial(5), true)
            },
        ),
    ]
}

fn contact() -> ContactRecord {
    let known = (PersonaId([1; 32]), "Ben".into());
    let way = (SealKey([2; 32]), capability());
    ContactRecord {
        devices: vec![3; 4],
        group: Some(ConversationId([4; 16])),
        card_at: NOW,
        clock: 12,
        heads: vec![MessageId([5; 16])],
        last: Some(LastRecord {
            text: "hello".into(),
            at: NOW,
            id: MessageId([5; 16]),
            clock: 12,
            mine: Some(StoredState::Sent),
        }),
        unread: 2,
        first_unread: Some(MessageId([6; 16])),
        read_by_them: 9,
        read_by_me: 10,
        pinned: true,
        muted: true,
        ..ContactRecord::new(NOW, known, way, vec![home()], capability())
    }
}

fn contacts() -> Vec<Frozen<ContactRecord>> {
    let taken = Taken {
        node: NodeId([7; 32]),
        numbers: window(),
    };
    let came = Came {
        device: DeviceId([8; 32]),
        node: NodeId([7; 32]),
        numbers: window(),
    };
    let numbered = ContactRecord {
        numbered: 64,
        taken: vec![taken],
        came: vec![came],
        answered: Some(Hash([9; 32])),
        offered: Some(ByteVec::from(vec![10; 4])),
        ..contact()
    };
    let spare = Spare {
        group: ConversationId([11; 16]),
        since: NOW,
        shared: true,
    };
    let spared = ContactRecord {
        answers: vec![Hash([12; 32])],
        spare: vec![spare],
        greeting: Some(ConversationId([13; 16])),
        unheard: Some(Failure::Expired),
        came_in: vec![14; 16],
        shared: true,
        ..numbered.clone()
    };
    let stranger = ContactRecord {
        stranger: true,
        ..spared.clone()
    };
    let doubted = ContactRecord {
        card_doubt: Some(NOW),
        ..stranger.clone()
    };
    let ceiled = ContactRecord {
        card_ceiling: Some(Timestamp(NOW.0 + 1)),
        ..doubted.clone()
    };
    let refused = ContactRecord {
        refused: true,
        let_in: true,
        ..ceiled.clone()
    };
    vec![
        older("record-contact.1", contact()),
        older("record-contact.2", numbered),
        older("record-contact.3", spared),
        older("record-contact.4", stranger),
        older("record-contact.5", doubted),
        older("record-contact.6", ceiled),
        newest("record-contact.7", refused),
    ]
}

fn homes() -> Vec<Frozen<HomeRecord>> {
    let held = Held {
        persona: PersonaId([1; 32]),
        device: DeviceId([2; 32]),
        number: 5,
        at: NOW,
    };
    let old = HomeRecord {
        held: vec![held],
        ..HomeRecord::default()
    };
    let new = HomeRecord {
        token: Some(token()),
        packages_at: Some(NOW),
        ..old.clone()
    };
    let open = HomeRecord {
        public_bits: Some(20),
        ..new.clone()
    };
    vec![
        older("record-home.1", old),
        older("record-home.2", new),
        newest("record-home.3", open),
    ]
}

fn message(mine: Option<StoredState>, failure: Option<Failure>) -> MessageRecord {
    MessageRecord {
        id: MessageId([1; 16]),
        clock: 12,
        at: NOW,
        mine,
        parents: vec![MessageId([2; 16])],
        kind: 0,
        text: "hello".into(),
        data: vec![3],
        failure,
    }
}

fn messages() -> Vec<Frozen<MessageRecord>> {
    vec![
        older("record-message.1", message(None, None)),
        newest(
            "record-message.2",
            message(Some(StoredState::Failed), Some(Failure::Expired)),
        ),
    ]
}

fn whats() -> Vec<Frozen<OutWhat>> {
    vec![
        newest("what-body.1", OutWhat::Body(vec![1; 4])),
        newest(
            "what-message.1",
            OutWhat::Message {
                record: message(Some(StoredState::Queued), None),
                sealed: Some(vec![2; 4].into()),
            },
        ),
    ]
}

fn outs() -> Vec<Frozen<OutRecord>> {
    let out = |number, expires, (since, was_sent)| OutRecord {
        to: PersonaId([1; 32]),
        id: EnvelopeId([2; 16]),
        at: NOW,
        what: OutWhat::Body(vec![3; 4]),
        done: vec![NodeId([4; 32])],
        repeats: 1,
        number,
        expires,
        since,
        was_sent,
    };
    let plain = (None, false);
    vec![
        older("record-out.1", out(None, None, plain)),
        older("record-out.2", out(Some(7), None, plain)),
        older("record-out.3", out(Some(7), Some(NOW), plain)),
        older(
            "record-out.4",
            out(Some(7), Some(NOW), (Some(Timestamp(NOW.0 - 1)), false)),
        ),
        newest(
            "record-out.5",
            out(Some(7), Some(NOW), (Some(Timestamp(NOW.0 - 1)), true)),
        ),
    ]
}

fn blocks() -> Vec<Frozen<BlockRecord>> {
    let block = BlockRecord {
        since: NOW,
        serial: CapabilitySerial([1; 8]),
    };
    vec![newest("record-block.1", block)]
}

fn revoked() -> Vec<Frozen<RevokedRecord>> {
    let revoked = RevokedRecord {
        persona: PersonaId([1; 32]),
        confirmed: vec![NodeId([2; 32])],
    };
    vec![newest("record-revoked.1", revoked)]
}

fn requests() -> Vec<Frozen<RequestRecord>> {
    let request = |asked, blocked| RequestRecord {
        since: NOW,
        asked,
        blocked,
    };
    let asked = AskedRecord {
        device: DeviceId([1; 32]),
        at: NOW,
        hello: vec![2; 6],
    };
    vec![newest("record-request.1", request(Some(asked), true))]
}

fn mailboxes() -> Vec<Frozen<MailboxRecord>> {
    let mailbox = |claimed_day, public_bits| MailboxRecord {
        devices: vec![1; 4],
        secret: vec![2; 32],
        claimed_day,
        public_bits,
    };
    vec![
        older("record-mailbox.1", mailbox(None, None)),
        older("record-mailbox.2", mailbox(Some(20_833), None)),
        newest("record-mailbox.3", mailbox(Some(20_833), Some(20))),
    ]
}

fn headers() -> Vec<Frozen<HeaderRecord>> {
    let header = |request, public| HeaderRecord {
        id: EnvelopeId([1; 16]),
        at: NOW,
        expires: Timestamp(NOW.0 + 86_400_000),
        len: 300,
        request,
        public,
    };
    vec![
        older("record-header.1", header(None, None)),
        older("record-header.2", header(Some(true), None)),
        newest("record-header.3", header(Some(true), Some(true))),
    ]
}

fn packages() -> Vec<Frozen<PackagesRecord>> {
    let first = 1 << 63;
    let record = PackagesRecord {
        next: first + 2,
        end: first + 8,
        last_resort: Some(first + 8),
    };
    vec![newest("record-packages.1", record)]
}

/// Their numbers are in one file each, in order.
fn codes() -> (Frozen<Vec<StoredState>>, Frozen<Vec<Failure>>) {
    use Failure as F;
    use StoredState as S;
    let states = vec![S::Queued, S::Sent, S::Delivered, S::Failed];
    let failures = vec![F::Expired, F::Refused, F::TooLarge, F::Unreadable];
    (newest("states.1", states), newest("failures.1", failures))
}

pub fn files() -> Vec<String> {
    let (states, failures) = codes();
    [
        names(&accounts()),
        names(&contacts()),
        names(&homes()),
        names(&messages()),
        names(&whats()),
        names(&outs()),
        names(&blocks()),
        names(&revoked()),
        names(&requests()),
        names(&mailboxes()),
        names(&headers()),
        names(&packages()),
        vec![states.file, failures.file],
    ]
    .concat()
}

#[test]
fn what_a_page_keeps_is_frozen() {
    accounts().iter().for_each(Frozen::holds);
    contacts().iter().for_each(Frozen::holds);
    homes().iter().for_each(Frozen::holds);
    messages().iter().for_each(Frozen::holds);
    outs().iter().for_each(Frozen::holds);
    blocks().iter().for_each(Frozen::holds);
    revoked().iter().for_each(Frozen::holds);
    requests().iter().for_each(Frozen::holds);
    let (kinds, kind) = kinds!(OutWhat: Body = "body", Message = "message");
    all_kinds(&whats(), kinds, kind);
    whats().iter().for_each(Frozen::holds);
}

#[test]
fn what_a_supernode_keeps_is_frozen() {
    mailboxes().iter().for_each(Frozen::holds);
    headers().iter().for_each(Frozen::holds);
    packages().iter().for_each(Frozen::holds);
}

#[test]
fn stored_codes_keep_their_numbers() {
    let (states, failures) = codes();
    states.holds();
    failures.holds();
    let (kinds, kind) =
        kinds!(StoredState: Queued = "0", Sent = "1", Delivered = "2", Failed = "3");
    assert_eq!(states.says.iter().map(kind).collect::<Vec<_>>(), kinds);
    let (kinds, kind) =
        kinds!(Failure: Expired = "0", Refused = "1", TooLarge = "2", Unreadable = "3");
    assert_eq!(failures.says.iter().map(kind).collect::<Vec<_>>(), kinds);
}
