//! What a person meets at a limit: a clear refusal at one past it, nothing lost, and a way on.

use crate::world::{Who, World, seconds};
use shared::base::id::PersonaId;
use shared::base::limits::{CONTACTS_MAX, HOMES_MAX, OUTBOX_MAX, PACKAGES_MAX, PEER_LINKS_MAX};
use shared::base::random::bytes;
use shared::base::sign::SigningKey;
use shared::conversation::mls::limits::KEY_PACKAGES_MAX;
use shared::invite::{Home, Invite, InviteError};
use shared::peer::command::{Command, CommandError};
use shared::peer::view::{MessageState, Path};

/// Replaces every `from` within `bytes`, both of one length.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = out[at..].windows(from.len()).position(|part| part == from) {
        out[at + found..at + found + from.len()].copy_from_slice(to);
        at += found + from.len();
    }
    out
}

/// Gives `who`, whose page is closed, `count` more contacts like `like`.
fn add_contacts(world: &mut World, who: Who, like: PersonaId, count: usize) {
    let key = |persona: &PersonaId| [b"c".as_slice(), persona.0.as_slice()].concat();
    let record = world.person(who).disk[&key(&like)].clone();
    for _ in 0..count {
        let persona = PersonaId(SigningKey::from_seed(bytes(&mut world.random)).public());
        let record = replace(&record, like.0.as_slice(), persona.0.as_slice());
        world.people[who.0].disk.insert(key(&persona), record);
    }
}

fn persona(world: &World, who: Who) -> PersonaId {
    world.person(who).peer.me().unwrap().persona
}

#[test]
fn the_last_contact_there_is_room_for_is_taken_and_one_more_is_told() {
    let (mut world, [ann, ben, cleo, dan, eve]) =
        World::of(1, ["Ann", "Ben", "Cleo", "Dan", "Eve"]);
    world.sleep(ben);
    let code = world.person(ben).invite();
    world.accept(ann, &code);
    world.run_for(seconds(2));
    world.sleep(ann);
    let like = persona(&world, ben);
    add_contacts(&mut world, ann, like, CONTACTS_MAX - 2);
    world.wake(ann);
    assert_eq!(world.person(ann).peer.chats().len(), CONTACTS_MAX - 1);

    world.connect(ann, cleo);
    assert_eq!(world.person(ann).peer.chats().len(), CONTACTS_MAX);
    world.say(cleo, "just in time");
    let code = world.person(dan).invite();
    let refused = world.command(ann, Command::AcceptInvite { code });
    assert_eq!(refused, Err(CommandError::TooManyContacts));

    // A stranger who has Ann's invite is not taken either, and keeps what they wrote.
    let code = world.person(ann).invite();
    world.accept(eve, &code);
    world.open(eve, "Ann");
    world.say(eve, "may I?");
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).peer.chats().len(), CONTACTS_MAX);
    assert!(world.person(eve).peer.open_chat().unwrap().pending);
    assert_eq!(world.states(eve), [MessageState::Sent], "nobody takes it");

    // Who is a contact already goes on: Cleo, Ben's late answer, an invite that is known.
    world.wake(ben);
    world.run_for(seconds(5));
    let chats = world.person(ann).peer.chats();
    let answered = chats.iter().find(|chat| chat.persona == like).unwrap();
    assert!(!answered.pending);
    let code = world.person(cleo).invite();
    assert!(world.command(ann, Command::AcceptInvite { code }).is_ok());
    assert_eq!(world.person(ann).announced, ["just in time"]);
}

#[test]
fn first_contacts_without_an_answer_are_bounded_and_an_answer_makes_room() {
    let (mut world, [ann, ben]) = World::of(2, ["Ann", "Ben"]);
    world.sleep(ben);
    let code = world.person(ben).invite();
    world.accept(ann, &code);
    let invite = Invite::read(&code, world.now).unwrap();
    let mut stranger = || {
        let mut other = invite.clone();
        other.persona = PersonaId(SigningKey::from_seed(bytes(&mut world.random)).public());
        let code = other.to_code();
        world.command(ann, Command::AcceptInvite { code })
    };
    // One for Ben; some lie at her home for whoever writes to her.
    let at_home = PACKAGES_MAX + 1;
    for _ in 1 + at_home..KEY_PACKAGES_MAX {
        stranger().unwrap();
    }
    assert_eq!(stranger(), Err(CommandError::TooManyPending));
    world.wake(ben);
    world.run_for(seconds(5));
    let mut other = invite;
    other.persona = PersonaId(SigningKey::from_seed([7; 32]).public());
    let code = other.to_code();
    assert!(world.command(ann, Command::AcceptInvite { code }).is_ok());
}

#[test]
fn the_last_message_that_may_wait_waits_and_one_more_is_refused() {
    let (mut world, ann, ben) = World::friends(3);
    world.sleep(ben);
    world.kill_node(0);
    world.run_for(seconds(30));
    let conversation = world.person(ann).chat("Ben");
    let say = |text: String| Command::Say { conversation, text };
    for n in 0..OUTBOX_MAX {
        world.command(ann, say(n.to_string())).unwrap();
    }
    let again = say("one too many".to_owned());
    assert_eq!(
        world.command(ann, again.clone()),
        Err(CommandError::OutboxFull)
    );
    // Renaming still works; what friends are told of it is not a message of a person.
    world.rename(ann, "Anna");

    world.start_node(0);
    world.run_for(seconds(120));
    world.wake(ben);
    world.run_for(seconds(120));
    let expected: Vec<_> = (0..OUTBOX_MAX).map(|n| n.to_string()).collect();
    assert_eq!(world.person(ben).announced, expected);
    assert!(world.command(ann, again).is_ok());
    assert!(
        world
            .states(ann)
            .iter()
            .rev()
            .skip(1)
            .all(|state| *state == MessageState::Delivered)
    );
}

#[test]
fn one_friend_more_than_there_are_channels_is_reached_by_supernode() {
    let mut world = World::new(4);
    let home = world.add_node();
    let ann = world.add_person("Ann", &[home]);
    let friends: Vec<_> = (0..=PEER_LINKS_MAX)
        .map(|n| world.add_person(&format!("Friend {n}"), &[home]))
        .collect();
    for friend in &friends {
        world.connect(*friend, ann);
    }
    let count = |world: &World| world.person(ann).peer.network().channels as usize;
    assert_eq!(count(&world), PEER_LINKS_MAX);
    let paths = |world: &World| {
        friends
            .iter()
            .map(|who| world.path(*who))
            .collect::<Vec<_>>()
    };
    let (last, others) = (friends[PEER_LINKS_MAX], &paths(&world)[..PEER_LINKS_MAX]);
    assert!(others.iter().all(|path| *path == Path::Direct));
    assert_eq!(world.path(last), Path::Supernode);
    world.say(last, "hello");
    world.open(ann, &format!("Friend {PEER_LINKS_MAX}"));
    world.say(ann, "hello you");
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).timeline().len(), 2);
    assert_eq!(world.states(last), [MessageState::Delivered]);

    // Somebody leaves, and the next knock finds room.
    world.sleep(friends[0]);
    world.run_for(seconds(60));
    world.reload(last);
    world.run_for(seconds(10));
    world.open(last, "Ann");
    assert_eq!(world.path(last), Path::Direct);
    assert_eq!(count(&world), PEER_LINKS_MAX);
}

#[test]
fn an_invite_names_as_many_homes_as_a_persona_may_have_and_no_more() {
    let mut world = World::new(5);
    let home = world.add_node();
    let ann = world.add_person("Ann", &[home]);
    let mut invite = Invite::read(&world.person(ann).invite(), world.now).unwrap();
    let routes = vec![shared::session::route::Route::parse("ws://a/ws").unwrap()];
    while invite.homes.len() < HOMES_MAX {
        let node =
            shared::base::id::NodeId(SigningKey::from_seed(bytes(&mut world.random)).public());
        invite.homes.push(Home {
            node,
            routes: routes.clone(),
        });
    }
    assert_eq!(
        Invite::read(&invite.to_code(), world.now).as_ref(),
        Ok(&invite)
    );
    let node = shared::base::id::NodeId(SigningKey::from_seed([9; 32]).public());
    invite.homes.push(Home { node, routes });
    assert_eq!(
        Invite::read(&invite.to_code(), world.now),
        Err(InviteError::Damaged)
    );
}
