//! Strangers who ask by a public address: stories in a world of real peers and real relays.

use shared::base::limits::KEEP_TTL_MAX;
use shared::peer::command::{Command, CommandError};
use shared::peer::requests::{
    DECLINED_FOR, PUBLIC_BITS_MAX, PUBLIC_BITS_MIN, REQUEST_WORDS_BYTES_MAX,
};
use shared::peer::view::{AskState, MessageState, Obstacle, OpenChat};

use crate::world::{Who, World, seconds};

/// Opens or closes somebody's public address.
pub fn open_to(world: &mut World, who: Who, work_bits: u8) {
    world.command(who, Command::OpenTo { work_bits }).unwrap();
    world.run_for(seconds(1));
}

pub fn address(world: &World, of: Who) -> String {
    world.person(of).peer.public_address().unwrap().code
}

/// Asks by somebody's public address, and opens the chat.
pub fn ask(world: &mut World, who: Who, of: Who, words: &str) {
    let (code, words) = (address(world, of), words.into());
    world.command(who, Command::Ask { code, words }).unwrap();
    world.run_for(seconds(3));
    let name = world.person(of).name.clone();
    world.open(who, &name);
    world.run_for(seconds(1));
}

/// Who waits to be let in, and with which words.
pub fn waiting(world: &World, who: Who) -> Vec<(String, Option<String>)> {
    let requests = world.person(who).peer.requests();
    let line =
        |request: &shared::peer::view::RequestView| (request.name.clone(), request.words.clone());
    requests.iter().map(line).collect()
}

pub fn of_ben(words: &str) -> Vec<(String, Option<String>)> {
    vec![("Ben".into(), Some(words.into()))]
}

pub fn decide(world: &mut World, who: Who, decision: fn(shared::base::id::PersonaId) -> Command) {
    let persona = world.person(who).peer.requests()[0].persona;
    world.command(who, decision(persona)).unwrap();
    world.run_for(seconds(3));
}

pub fn chat(world: &World, who: Who) -> OpenChat {
    world.person(who).peer.open_chat().unwrap()
}

/// Ann, whose public address is open, and Ben, each at a home of their own.
pub fn people(seed: u64) -> (World, Who, Who) {
    let (mut world, (ann, _), (ben, _)) = World::apart(seed);
    world.channels_work = true;
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    (world, ann, ben)
}

#[test]
fn a_stranger_asks_by_a_public_address_and_is_let_in() {
    let (mut world, ann, ben) = people(1);
    let before = (world.person(ann).dialled, world.person(ann).sent);
    ask(&mut world, ben, ann, "I liked your book");
    assert!(world.person(ben).slices > 0, "it is worked for");
    assert_eq!(chat(&world, ben).asks, Some(AskState::Waits));
    assert_eq!(chat(&world, ben).messages[0].state, MessageState::Queued);
    assert_eq!(waiting(&world, ann), of_ben("I liked your book"));
    assert!(world.person(ann).peer.chats().is_empty());

    // Nobody at Ann's writes to Ben's home, nor calls: what she sends is an acknowledgement to her own.
    world.run_for(seconds(20));
    assert_eq!(world.person(ann).dialled, before.0);
    assert!(world.person(ann).sent <= before.1 + 1);
    assert!(!chat(&world, ben).connection.peer_online);
    world.reload(ann);
    world.run_for(seconds(2));
    assert_eq!(waiting(&world, ann), of_ben("I liked your book"));

    decide(&mut world, ann, Command::AcceptRequest);
    assert!(waiting(&world, ann).is_empty());
    world.open(ann, "Ben");
    world.say(ann, "thank you");
    world.say(ben, "more of it!");
    world.run_for(seconds(5));
    let said = [
        "Ben: I liked your book",
        "Ann: thank you",
        "Ben: more of it!",
    ];
    let mut shown = world.person(ann).timeline();
    shown.sort_by_key(|line| said.iter().position(|it| it == line));
    assert_eq!(shown, said);
    assert_eq!(world.person(ben).timeline().len(), said.len());
    assert!(chat(&world, ben).messages[0].state >= MessageState::Delivered);
    assert_eq!(chat(&world, ben).asks, None);
}

#[test]
fn first_words_are_there_when_the_stranger_is_away() {
    let (mut world, ann, ben) = people(2);
    ask(&mut world, ben, ann, "are you open on Sunday?");
    world.sleep(ben);
    decide(&mut world, ann, Command::AcceptRequest);
    world.open(ann, "Ben");
    world.run_for(seconds(2));
    let words = ["Ben: are you open on Sunday?"];
    assert_eq!(world.person(ann).timeline(), words);
    world.say(ann, "until noon");
    world.run_for(seconds(60));
    world.wake(ben);
    world.run_for(seconds(10));
    world.open(ben, "Ann");
    world.run_for(seconds(2));
    let talk = ["Ben: are you open on Sunday?", "Ann: until noon"];
    assert_eq!(world.person(ben).timeline(), talk);
    assert_eq!(
        world.person(ann).timeline(),
        talk,
        "and nothing comes twice"
    );
}

#[test]
fn a_request_that_comes_by_three_homes_is_one() {
    let mut world = World::new(3);
    let homes = [world.add_node(), world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes);
    let ben = world.add_person("Ben", &homes[..1]);
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    let open = world.person(ann).peer.public_address().unwrap();
    assert_eq!((open.confirmed, open.homes), (3, 3));
    world.sleep(ann);
    ask(&mut world, ben, ann, "hello");
    world.wake(ann);
    world.run_for(seconds(5));
    assert_eq!(waiting(&world, ann), of_ben("hello"));
    decide(&mut world, ann, Command::AcceptRequest);
    assert_eq!(world.person(ann).peer.chats().len(), 1);
}

#[test]
fn whoever_is_declined_is_told_nothing_and_may_not_insist() {
    let (mut world, ann, ben) = people(4);
    ask(&mut world, ben, ann, "please");
    let sent = world.person(ann).sent;
    decide(&mut world, ann, Command::DeclineRequest);
    world.run_for(seconds(20));
    assert!(world.person(ann).sent <= sent + 1, "at most a ping");
    assert_eq!(chat(&world, ben).asks, Some(AskState::Waits));
    assert_eq!(world.person(ann).peer.requests_refused(), 1);

    // His page gives up when his hello would not be kept any longer.
    world.sleep(ben);
    world.sleep(ann);
    world.run_for(KEEP_TTL_MAX);
    world.wake(ben);
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    assert_eq!(chat(&world, ben).unheard, Some(Obstacle::Expired));
}

#[test]
fn a_second_request_is_dropped_until_the_pause_is_over() {
    for (early, seen) in [(true, 0), (false, 1)] {
        let (mut world, ann, ben) = people(5);
        ask(&mut world, ben, ann, "please");
        decide(&mut world, ann, Command::DeclineRequest);
        let over = world.now.after(DECLINED_FOR);
        // Ben loses everything but his key, and asks anew; Ann's page has it before its time or after.
        world.sleep(ben);
        let disk = &mut world.people[ben.0].disk;
        disk.retain(|key, _| key[0] == b'a');
        world.sleep(ann);
        let span = over.since(world.now);
        world.run_for(if early { span - seconds(60) } else { span });
        world.wake(ann);
        world.wake(ben);
        world.run_for(seconds(2));
        ask(&mut world, ben, ann, "please!");
        assert_eq!(waiting(&world, ann).len(), seen, "{early}");
    }
}

#[test]
fn nobody_asks_where_the_address_is_closed_and_the_asker_knows() {
    let (mut world, ann, ben) = people(6);
    let code = address(&world, ann);
    open_to(&mut world, ann, 0);
    let words = String::from("hello?");
    world.command(ben, Command::Ask { code, words }).unwrap();
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    assert_eq!(chat(&world, ben).unheard, Some(Obstacle::Refused));
    assert_eq!(chat(&world, ben).asks, None);
    assert_eq!(world.person(ben).slices, 0, "nothing is worked for in vain");
    assert!(waiting(&world, ann).is_empty());

    open_to(&mut world, ann, PUBLIC_BITS_MIN + 2);
    let id = world.person(ben).chat("Ann");
    world.command(ben, Command::AskAgain(id)).unwrap();
    world.run_for(seconds(5));
    assert_eq!(waiting(&world, ann), of_ben("hello?"));
}

#[test]
fn a_home_that_was_away_when_the_address_was_closed_lets_nobody_in() {
    let mut world = World::new(7);
    let homes = [world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes);
    let ben = world.add_person("Ben", &homes[1..]);
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    let code = address(&world, ann);
    world.kill_node(homes[0]);
    open_to(&mut world, ann, 0);
    assert_eq!(
        world.person(ann).peer.public_address().unwrap().confirmed,
        1
    );
    world.sleep(ann);
    world.start_node(homes[0]);
    let words = String::from("hello?");
    world.command(ben, Command::Ask { code, words }).unwrap();
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    assert_eq!(chat(&world, ben).asks, Some(AskState::Waits), "it took it");
    world.wake(ann);
    world.run_for(seconds(5));
    assert!(waiting(&world, ann).is_empty());
    assert_eq!(
        world.person(ann).peer.public_address().unwrap().confirmed,
        2
    );
}

#[test]
fn whoever_is_blocked_gets_in_by_no_way_until_the_owner_says_so() {
    let (mut world, ann, ben) = people(8);
    ask(&mut world, ben, ann, "hey");
    decide(&mut world, ann, Command::BlockRequest);
    let invite = world.person(ann).invite();
    world.accept(ben, &invite);
    world.run_for(seconds(5));
    world.reload(ann);
    world.run_for(seconds(5));
    assert!(world.person(ann).peer.chats().is_empty());
    assert!(waiting(&world, ann).is_empty());

    world.command(ann, Command::LetAskAgain).unwrap();
    assert_eq!(world.person(ann).peer.requests_refused(), 0);
    world.sleep(ben);
    world.people[ben.0].disk.retain(|key, _| key[0] == b'a');
    world.wake(ben);
    world.run_for(seconds(2));
    ask(&mut world, ben, ann, "sorry");
    assert_eq!(waiting(&world, ann), of_ben("sorry"));
}

#[test]
fn an_invite_lets_in_whoever_was_declined() {
    let (mut world, ann, ben) = people(9);
    ask(&mut world, ben, ann, "hey");
    decide(&mut world, ann, Command::DeclineRequest);
    let invite = world.person(ann).invite();
    world.accept(ben, &invite);
    world.run_for(seconds(5));
    assert_eq!(world.person(ann).peer.chats().len(), 1);
    assert_eq!(world.person(ann).peer.requests_refused(), 0);
    world.open(ann, "Ben");
    world.say(ann, "come in");
    world.run_for(seconds(5));
    assert_eq!(world.person(ben).timeline(), ["Ben: hey", "Ann: come in"]);
}

#[test]
fn asking_somebody_who_asks_is_letting_them_in() {
    let (mut world, ann, ben) = people(10);
    ask(&mut world, ben, ann, "hello");
    open_to(&mut world, ben, PUBLIC_BITS_MIN);
    let code = address(&world, ben);
    world.accept(ann, &code);
    world.run_for(seconds(5));
    assert!(waiting(&world, ann).is_empty());
    assert!(waiting(&world, ben).is_empty());
    world.open(ann, "Ben");
    world.run_for(seconds(2));
    assert_eq!(world.person(ann).timeline(), ["Ben: hello"]);
}

#[test]
fn two_who_ask_each_other_at_once_meet_without_being_asked() {
    let (mut world, ann, ben) = people(11);
    open_to(&mut world, ben, PUBLIC_BITS_MIN);
    for (who, of) in [(ann, ben), (ben, ann)] {
        let code = address(&world, of);
        let words = String::from("hi");
        world.command(who, Command::Ask { code, words }).unwrap();
    }
    world.run_for(seconds(10));
    for (who, name) in [(ann, "Ben"), (ben, "Ann")] {
        assert!(waiting(&world, who).is_empty());
        world.open(who, name);
        world.run_for(seconds(1));
        assert_eq!(world.person(who).timeline().len(), 2);
    }
}

#[test]
fn what_may_be_asked_for_and_said_has_limits() {
    let (mut world, ann, ben) = people(12);
    let mut open = |work_bits| world.command(ann, Command::OpenTo { work_bits }).map(drop);
    for fits in [0, PUBLIC_BITS_MIN, PUBLIC_BITS_MAX, PUBLIC_BITS_MIN] {
        assert_eq!(open(fits), Ok(()));
    }
    for bad in [1, PUBLIC_BITS_MIN - 1, PUBLIC_BITS_MAX + 1] {
        assert_eq!(open(bad), Err(CommandError::BadWork));
    }
    world.run_for(seconds(1));
    let code = address(&world, ann);
    let most = "x".repeat(REQUEST_WORDS_BYTES_MAX);
    let len = REQUEST_WORDS_BYTES_MAX + 1;
    let words = format!("{most}x");
    let refused = world.command(
        ben,
        Command::Ask {
            code: code.clone(),
            words,
        },
    );
    assert_eq!(refused, Err(CommandError::WordsTooLong { len }));
    assert!(world.person(ben).peer.chats().is_empty());
    ask(&mut world, ben, ann, &most);
    assert_eq!(waiting(&world, ann), of_ben(&most));
}

#[cfg(feature = "turn")]
#[test]
fn whoever_is_let_in_learns_no_address_until_they_are_written_to() {
    use shared::peer::view::Path;
    let mut world = World::new(13);
    let home = world.add_relaying_node(seconds(3600));
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &[home]));
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    ask(&mut world, ben, ann, "hello");
    assert!(world.channels.is_empty());
    decide(&mut world, ann, Command::AcceptRequest);
    world.open(ann, "Ben");
    world.run_for(seconds(2));
    assert_eq!(world.path(ann), Path::Relayed);
    assert!(!chat(&world, ann).connection.address_visible);
    world.say(ann, "welcome");
    world.run_for(seconds(5));
    assert_eq!(world.path(ann), Path::Direct);
}

#[test]
fn what_the_homes_know_of_a_public_address_is_not_forgotten() {
    let mut world = World::new(33);
    let homes = [world.add_node(), world.add_node()];
    let ann = world.add_person("Ann", &homes);
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    world.kill_node(homes[0]);
    for (bits, homes) in [(PUBLIC_BITS_MIN, 2), (0, 1)] {
        open_to(&mut world, ann, bits);
        world.reload(ann);
        let public = world.person(ann).peer.public_address().unwrap();
        assert_eq!((public.confirmed, public.homes), (homes, 2));
    }
    world.start_node(homes[0]);
    world.run_for(seconds(60));
    let public = world.person(ann).peer.public_address().unwrap();
    assert_eq!(public.confirmed, 2);
}
