//! With which words a stranger asks.

use shared::peer::command::Command;
use shared::peer::requests::{PUBLIC_BITS_MIN, REQUEST_WORDS_BYTES_MAX};
use shared::peer::view::Obstacle;

use crate::requests::{address, ask, chat, decide, of_ben, open_to, people, waiting};
use crate::world::seconds;

#[test]
fn a_request_says_what_was_said_last_and_fits() {
    for (again, seen) in [
        ("it is about the flat", "it is about the flat"),
        ("", "hello?"),
    ] {
        let (mut world, ann, ben) = people(30);
        open_to(&mut world, ann, 0);
        ask(&mut world, ben, ann, "hello?");
        assert_eq!(chat(&world, ben).unheard, Some(Obstacle::Refused));
        world.say(ben, &"x".repeat(REQUEST_WORDS_BYTES_MAX + 1));
        open_to(&mut world, ann, PUBLIC_BITS_MIN);
        ask(&mut world, ben, ann, again);
        assert_eq!(waiting(&world, ann), of_ben(seen));
        assert!(chat(&world, ben).asks_with_words);
    }
}

#[test]
fn whoever_tries_again_asks_in_the_same_words_and_what_they_added_waits() {
    let (mut world, ann, ben) = people(31);
    open_to(&mut world, ann, 0);
    let code = address(&world, ann);
    let words = String::from("I found your cat");
    world.command(ben, Command::Ask { code, words }).unwrap();
    world.run_for(seconds(5));
    world.open(ben, "Ann");
    assert_eq!(chat(&world, ben).unheard, Some(Obstacle::Refused));
    world.say(ben, "anybody there?");
    open_to(&mut world, ann, PUBLIC_BITS_MIN);
    let id = world.person(ben).chat("Ann");
    world.command(ben, Command::AskAgain(id)).unwrap();
    world.run_for(seconds(5));
    assert_eq!(waiting(&world, ann), of_ben("I found your cat"));
    decide(&mut world, ann, Command::AcceptRequest);
    world.run_for(seconds(5));
    assert_eq!(
        world.person(ann).announced,
        ["I found your cat", "anybody there?"]
    );
}

#[test]
fn a_request_without_words_is_not_said_to_have_any() {
    let (mut world, ann, ben) = people(32);
    ask(&mut world, ben, ann, "");
    world.say(ben, "are you there?");
    world.run_for(seconds(5));
    assert!(!chat(&world, ben).asks_with_words);
    assert_eq!(waiting(&world, ann), vec![("Ben".into(), None)]);
}
