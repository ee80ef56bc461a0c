//! The client's half of a session against the real relay, and against supernodes that lie.

use std::time::Duration;

use crate::world::seeded::Seeded;
use shared::base::codec::{decode, encode};
use shared::base::effects::{Effect, LinkId};
use shared::base::id::{NodeId, Nonce, Signature};
use shared::base::limits::{FRAME_BYTES_MAX, HANDSHAKE_TIMEOUT, KEEPALIVE, SESSION_TIMEOUT};
use shared::base::sign::{Purpose, SigningKey};
use shared::base::time::Timestamp;
use shared::relay::{Input, Relay, RelayEffects, RelayLimits};
use shared::session::client::{ClientSession, Event, Role, SessionError};
use shared::session::wire::{ClientFrame, NodeFrame, Refusal, VERSION};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

fn node() -> NodeId {
    NodeId(key().public())
}

fn session(role: Role) -> ClientSession {
    ClientSession::new(NOW, node(), role, Vec::new())
}

/// What the relay says to `input` on link 1.
fn ask(relay: &mut Relay, random: &mut Seeded, input: Input) -> Vec<Vec<u8>> {
    let mut out = RelayEffects::default();
    relay.handle(NOW, random, input, &mut out);
    out.then
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, what) => Some(what.into_bytes()),
            _ => None,
        })
        .collect()
}

fn tell(relay: &mut Relay, random: &mut Seeded, link: LinkId, frame: &[u8]) -> Vec<Vec<u8>> {
    let bytes = frame.to_vec();
    ask(relay, random, Input::Received { link, bytes })
}

fn receive(
    session: &mut ClientSession,
    bytes: &[u8],
) -> (Result<Option<Event>, SessionError>, Vec<Vec<u8>>) {
    let mut sent = Vec::new();
    let result = session.receive(NOW, bytes, None, &mut Seeded::new(9), &mut sent);
    (result, sent)
}

fn challenge(node: NodeId, version_min: u32, version_max: u32) -> Vec<u8> {
    encode(&NodeFrame::Challenge {
        version_min,
        version_max,
        node,
        nonce: Nonce([5; 32]),
    })
}

/// Somebody connects, by a carrier that binds nothing.
fn opened(link: LinkId) -> Input {
    bound(link, Vec::new())
}

fn bound(link: LinkId, binding: Vec<u8>) -> Input {
    Input::Opened {
        link,
        source: 1,
        binding,
    }
}

/// A courier session that the relay has welcomed.
fn ready() -> ClientSession {
    let mut random = Seeded::new(1);
    let (mut relay, _) = Relay::new(RelayLimits::default(), key(), Vec::new());
    let mut session = session(Role::Courier);
    let link = LinkId(1);
    let greeting = ask(&mut relay, &mut random, opened(link));
    let (result, hello) = receive(&mut session, &greeting[0]);
    assert_eq!(result, Ok(None));
    let welcome = tell(&mut relay, &mut random, link, &hello[0]);
    let (result, ping) = receive(&mut session, &welcome[0]);
    assert_eq!(result, Ok(Some(Event::Ready)));
    assert!(session.is_ready());
    let pong = tell(&mut relay, &mut random, link, &ping[0]);
    assert_eq!(
        receive(&mut session, &pong[0]).0,
        Ok(Some(Event::RoundTrip(0)))
    );
    session
}

#[test]
fn a_courier_is_welcomed_without_saying_who_it_is() {
    ready();
}

#[test]
fn a_supernode_with_another_key_is_not_used() {
    let other = NodeId(SigningKey::from_seed([2; 32]).public());
    assert_eq!(
        receive(&mut session(Role::Courier), &challenge(other, 1, VERSION)).0,
        Err(SessionError::WrongKey)
    );
}

#[test]
fn a_welcome_that_was_not_signed_for_this_connection_is_refused() {
    // The key is right, but the proof was made for another connection.
    let mut session = session(Role::Courier);
    receive(&mut session, &challenge(node(), 1, VERSION))
        .0
        .unwrap();
    let signature = key().sign(Purpose::SessionNode, b"another transcript");
    let welcome = encode(&NodeFrame::Welcome {
        signature,
        time: NOW,
    });
    assert_eq!(
        receive(&mut session, &welcome).0,
        Err(SessionError::WrongKey)
    );
}

#[test]
fn a_welcome_replayed_from_an_earlier_connection_is_refused() {
    let mut random = Seeded::new(3);
    let (mut relay, _) = Relay::new(RelayLimits::default(), key(), Vec::new());
    let link = LinkId(1);
    let greeting = ask(&mut relay, &mut random, opened(link));
    let mut first = session(Role::Courier);
    let (_, hello) = receive(&mut first, &greeting[0]);
    let welcome = tell(&mut relay, &mut random, link, &hello[0]);
    // The same challenge and the same welcome, played to a client whose nonce is another.
    let mut second = session(Role::Courier);
    let mut sent = Vec::new();
    second
        .receive(NOW, &greeting[0], None, &mut Seeded::new(77), &mut sent)
        .unwrap();
    assert_eq!(
        receive(&mut second, &welcome[0]).0,
        Err(SessionError::WrongKey)
    );
    assert_eq!(receive(&mut first, &welcome[0]).0, Ok(Some(Event::Ready)));
}

#[test]
fn versions_that_do_not_meet_are_named() {
    for (min, max) in [(VERSION + 1, VERSION + 3), (0, 0)] {
        let (result, sent) = receive(&mut session(Role::Courier), &challenge(node(), min, max));
        assert_eq!((result, sent), (Err(SessionError::Version), Vec::new()));
    }
    let (result, sent) = receive(&mut session(Role::Courier), &challenge(node(), 0, 9));
    assert_eq!(result, Ok(None));
    assert!(matches!(
        decode(&sent[0], FRAME_BYTES_MAX),
        Ok(ClientFrame::Hello {
            version: VERSION,
            ..
        })
    ));
    let refused = NodeFrame::Refused {
        code: Refusal::Version,
        text: String::new(),
        retry_after_ms: 0,
    };
    assert_eq!(
        receive(&mut session(Role::Courier), &encode(&refused)).0,
        Err(SessionError::Version)
    );
}

#[test]
fn garbage_truncated_and_oversize_frames_end_the_session() {
    let whole = challenge(node(), 1, VERSION);
    for len in 0..whole.len() {
        assert_eq!(
            receive(&mut session(Role::Courier), &whole[..len]).0,
            Err(SessionError::Protocol),
            "{len}"
        );
    }
    let mut random = Seeded::new(4);
    for len in 0..200 {
        let mut junk = vec![0; len];
        shared::base::random::Random::fill(&mut random, &mut junk);
        assert!(receive(&mut session(Role::Courier), &junk).0.is_err());
    }
    let padded = |len: usize| {
        let text = "x".repeat(len);
        encode(&NodeFrame::Refused {
            code: Refusal::NotClaimed,
            text,
            retry_after_ms: 0,
        })
    };
    let spare = FRAME_BYTES_MAX - padded(FRAME_BYTES_MAX - 1000).len() + FRAME_BYTES_MAX - 1000;
    assert_eq!(padded(spare).len(), FRAME_BYTES_MAX);
    assert!(receive(&mut ready(), &padded(spare)).0.is_ok());
    assert_eq!(
        receive(&mut ready(), &padded(spare + 1)).0,
        Err(SessionError::Protocol)
    );
}

#[test]
fn frames_out_of_turn_end_the_session() {
    let signature = Signature([0; 64]);
    let frames = [
        NodeFrame::Welcome {
            signature,
            time: NOW,
        },
        NodeFrame::Claimed {
            acked: 0,
            waiting: 0,
            keep_seconds: None,
        },
        NodeFrame::Deposited {
            receipts: Vec::new(),
        },
        NodeFrame::Deliver {
            deliveries: Vec::new(),
        },
        NodeFrame::Pong { token: 1 },
    ];
    for frame in &frames {
        assert_eq!(
            receive(&mut session(Role::Home), &encode(frame)).0,
            Err(SessionError::Protocol),
            "{frame:?}"
        );
    }
    // A courier has no mailbox to be delivered from, and nobody is challenged twice.
    assert_eq!(
        receive(&mut ready(), &encode(&frames[3])).0,
        Err(SessionError::Protocol)
    );
    assert_eq!(
        receive(&mut ready(), &challenge(node(), 1, VERSION)).0,
        Err(SessionError::Protocol)
    );
}

#[test]
fn a_silent_session_is_probed_and_then_given_up() {
    let mut session = ready();
    let mut sent = Vec::new();
    assert_eq!(session.deadline(), NOW.after(KEEPALIVE));
    session
        .tick(NOW.after(KEEPALIVE - Duration::from_millis(1)), &mut sent)
        .unwrap();
    assert!(sent.is_empty());
    session.tick(NOW.after(KEEPALIVE), &mut sent).unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(session.deadline(), NOW.after(SESSION_TIMEOUT));
    assert_eq!(
        session.tick(NOW.after(SESSION_TIMEOUT), &mut sent),
        Err(SessionError::Timeout)
    );
}

#[test]
fn a_handshake_that_does_not_end_is_given_up() {
    let mut session = session(Role::Courier);
    let mut sent = Vec::new();
    assert_eq!(
        session.tick(
            NOW.after(HANDSHAKE_TIMEOUT - Duration::from_millis(1)),
            &mut sent
        ),
        Ok(())
    );
    assert_eq!(
        session.tick(NOW.after(HANDSHAKE_TIMEOUT), &mut sent),
        Err(SessionError::Timeout)
    );
}
