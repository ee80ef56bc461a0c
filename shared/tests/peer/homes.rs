//! Several homes, some of which die, fill up or are never reached: stories in a world of real peers and
//! real relays.

use crate::world::{Who, World, seconds};
use shared::base::limits::KEEP_TTL_MAX;
use shared::peer::command::Command;
use shared::peer::view::{MessageState, Obstacle, Why};
use shared::relay::RelayLimits;

/// Ann and Ben with three homes each, in contact, no channel between them, Ben away.
fn away(seed: u64, limits: [RelayLimits; 3]) -> (World, Who, Who) {
    let mut world = World::new(seed);
    let homes = limits.map(|limits| world.add_node_with(limits));
    let (ann, ben) = (
        world.add_person("Ann", &homes),
        world.add_person("Ben", &homes),
    );
    world.channels_work = false;
    world.connect(ben, ann);
    world.sleep(ben);
    world.run_for(seconds(30));
    (world, ann, ben)
}

fn why(obstacle: Obstacle, copies: u32) -> Why {
    Why {
        obstacle,
        copies,
        homes: 3,
        kept: KEEP_TTL_MAX,
    }
}

fn tight(envelopes: u64) -> RelayLimits {
    let mut limits = RelayLimits::default();
    limits.mailboxes.mailbox_envelopes = envelopes;
    limits
}

#[test]
fn a_hello_that_reaches_another_home_after_it_was_answered_changes_nothing() {
    let mut world = World::new(30);
    let homes = [world.add_node(), world.add_node(), world.add_node()];
    let (ann, ben) = (
        world.add_person("Ann", &homes),
        world.add_person("Ben", &homes),
    );
    world.channels_work = false;
    world.kill_node(1);
    world.kill_node(2);
    world.connect(ben, ann);
    world.start_node(1);
    world.start_node(2);
    world.run_for(seconds(60));
    world.say(ann, "hi");
    world.run_for(seconds(10));
    world.say(ben, "hello");
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).timeline(), ["Ann: hi", "Ben: hello"]);
    assert_eq!(world.person(ann).timeline(), ["Ann: hi", "Ben: hello"]);
}

#[test]
fn a_message_is_sent_when_two_homes_have_it_and_not_before() {
    let (mut world, ann, ben) = away(1, [RelayLimits::default(); 3]);
    world.kill_node(1);
    world.kill_node(2);
    world.run_for(seconds(5));
    world.say(ann, "hi");
    world.run_for(seconds(1));
    assert_eq!(world.states(ann), [MessageState::Queued]);
    assert_eq!(world.whys(ann), [], "a moment needs no explanation");
    world.run_for(seconds(60));
    assert_eq!(world.states(ann), [MessageState::Queued]);
    assert_eq!(world.whys(ann), [why(Obstacle::Unreachable, 1)]);
    world.start_node(2);
    world.run_for(seconds(60));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    assert_eq!(world.whys(ann), []);
    assert_eq!(
        world
            .person(ann)
            .peer
            .open_chat()
            .unwrap()
            .connection
            .copies,
        2
    );
    // The third is still tried, and the first two die.
    world.start_node(1);
    world.run_for(seconds(60));
    world.kill_node(0);
    world.kill_node(2);
    world.wake(ben);
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, ["hi"]);
}

#[test]
fn one_home_of_three_dies_for_ever_and_nothing_is_lost_or_shown_twice() {
    let (mut world, ann, ben) = away(2, [RelayLimits::default(); 3]);
    for n in 0..20 {
        if n == 10 {
            world.kill_node(1);
        }
        world.say(ann, &format!("{n}"));
        world.run_for(seconds(20));
    }
    assert!(
        world
            .states(ann)
            .iter()
            .all(|state| *state == MessageState::Sent)
    );
    world.wake(ben);
    world.run_for(seconds(30));
    world.open(ben, "Ann");
    let expected: Vec<_> = (0..20).map(|n| format!("Ann: {n}")).collect();
    assert_eq!(world.person(ben).timeline(), expected);
    assert_eq!(world.person(ben).announced.len(), 20);
    world.run_for(seconds(10));
    assert!(
        world
            .states(ann)
            .iter()
            .all(|state| *state == MessageState::Delivered)
    );
    world.say(ben, "all there");
    world.run_for(seconds(10));
    assert_eq!(world.person(ann).announced, ["all there"]);
}

#[test]
fn with_no_home_in_reach_the_message_says_so_and_goes_later_by_itself() {
    let (mut world, ann, ben) = away(3, [RelayLimits::default(); 3]);
    for node in 0..3 {
        world.kill_node(node);
    }
    world.say(ann, "later");
    world.run_for(seconds(30));
    assert_eq!(world.whys(ann), [why(Obstacle::Unreachable, 0)]);
    world.reload(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(5));
    assert_eq!(world.whys(ann), [why(Obstacle::Unreachable, 0)]);
    for node in 0..3 {
        world.start_node(node);
    }
    world.run_for(seconds(90));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.wake(ben);
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).announced, ["later"]);
}

#[test]
fn a_full_mailbox_is_named_and_the_message_goes_when_it_is_read() {
    let (mut world, ann, ben) = away(4, [tight(2), tight(2), RelayLimits::default()]);
    for text in ["one", "two", "three"] {
        world.say(ann, text);
        world.run_for(seconds(5));
    }
    assert_eq!(
        world.states(ann),
        [MessageState::Sent, MessageState::Sent, MessageState::Queued]
    );
    assert_eq!(world.whys(ann), [why(Obstacle::MailboxFull, 1)]);
    world.wake(ben);
    world.run_for(seconds(90));
    assert_eq!(world.person(ben).announced, ["one", "two", "three"]);
    assert_eq!(world.states(ann), [MessageState::Delivered; 3]);
    assert_eq!(world.whys(ann), []);
}

#[test]
fn a_message_that_nobody_fetched_in_thirty_days_says_so_and_can_be_sent_again() {
    let (mut world, ann, ben) = away(5, [RelayLimits::default(); 3]);
    world.say(ann, "are you well?");
    world.run_for(seconds(5));
    world.sleep(ann);
    world.run_for(KEEP_TTL_MAX - seconds(60));
    world.wake(ann);
    world.open(ann, "Ben");
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.run_for(seconds(120));
    assert_eq!(world.states(ann), [MessageState::Failed]);
    assert_eq!(world.whys(ann), [why(Obstacle::Expired, 3)]);
    world.reload(ann);
    world.open(ann, "Ben");
    assert_eq!(world.whys(ann), [why(Obstacle::Expired, 3)]);
    let chat = world.person(ann).peer.open_chat().unwrap();
    let again = Command::Retry {
        conversation: chat.id,
        message: chat.messages[0].id,
    };
    world.command(ann, again).unwrap();
    world.run_for(seconds(10));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.wake(ben);
    world.run_for(seconds(30));
    assert_eq!(world.person(ben).announced, ["are you well?"], "only once");
    assert_eq!(world.states(ann), [MessageState::Delivered]);
}

#[test]
fn what_lay_on_this_device_for_a_while_is_kept_only_for_the_rest_of_its_time() {
    let (mut world, ann, ben) = away(6, [RelayLimits::default(); 3]);
    for node in 0..3 {
        world.kill_node(node);
    }
    world.say(ann, "old news");
    world.sleep(ann);
    world.run_for(KEEP_TTL_MAX - seconds(3600));
    for node in 0..3 {
        world.start_node(node);
    }
    world.wake(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(120));
    assert_eq!(world.states(ann), [MessageState::Sent]);
    world.run_for(seconds(2 * 3600));
    assert_eq!(world.states(ann), [MessageState::Failed]);
    world.sleep(ann);
    world.wake(ben);
    world.run_for(seconds(60));
    assert_eq!(world.person(ben).announced, Vec::<String>::new());
}

#[test]
fn a_receipt_that_waits_for_a_dead_home_goes_to_the_other_at_once() {
    let mut world = World::new(9);
    let homes = [world.add_node(), world.add_node()];
    let [ann, ben, cleo] = ["Ann", "Ben", "Cleo"].map(|name| world.add_person(name, &homes));
    world.channels_work = false;
    world.connect(ben, cleo);
    world.connect(ben, ann);
    world.run_for(seconds(200));
    world.kill_node(1);
    world.sleep(cleo);
    world.say(ann, "hello");
    world.run_for(seconds(5));
    world.open(ben, "Cleo");
    world.say(ben, "later");
    world.run_for(seconds(70));
    for _ in 0..40 {
        world.say(ann, "are you there?");
        world.run_for(seconds(3));
        let states = world.states(ann);
        assert_eq!(states.last(), Some(&MessageState::Delivered));
    }
    let waiting = world.person(ben).disk.iter();
    let entries = waiting.filter(|(key, _)| key.first() == Some(&b'o'));
    let longest = entries.map(|(_, entry)| entry.len()).max();
    assert!(
        longest.unwrap_or(0) < 400,
        "what has left is not said again"
    );
}
