//! How long messages wait where operators keep them for different times.

use std::time::Duration;

use crate::world::{Who, World, seconds};
use shared::base::limits::KEEP_TTL_MAX;
use shared::peer::view::{MessageState, Obstacle};
use shared::relay::RelayLimits;

const HOUR: Duration = Duration::from_secs(3600);

fn keeping(keep: Duration) -> RelayLimits {
    let mut limits = RelayLimits::default();
    limits.mailboxes.keep = keep;
    limits
}

/// Ann, with homes that keep envelopes for so long, whose page is closed; and Ben, whose is open.
fn away(seed: u64, keeps: &[Duration]) -> (World, Who, Who) {
    let mut world = World::new(seed);
    let homes: Vec<_> = keeps
        .iter()
        .map(|keep| world.add_node_with(keeping(*keep)))
        .collect();
    let bens = world.add_node();
    let ann = world.add_person("Ann", &homes);
    let ben = world.add_person("Ben", &[bens]);
    world.connect(ben, ann);
    world.sleep(ann);
    world.run_for(seconds(60));
    (world, ann, ben)
}

/// Moves time without anything happening, then lets everybody notice.
fn later(world: &mut World, span: Duration) {
    world.now = world.now.after(span);
    world.run_for(seconds(90));
}

#[test]
fn a_message_waits_as_long_as_the_most_patient_home_that_has_it() {
    let (mut world, _, ben) = away(1, &[HOUR * 2, HOUR * 24]);
    world.say(ben, "soon, please");
    world.run_for(seconds(10));
    assert_eq!(world.states(ben), [MessageState::Sent]);
    let keep = world.person(ben).peer.open_chat().unwrap().connection.keep;
    assert_eq!(keep, Some(HOUR * 24));
    world.reload(ben);
    world.open(ben, "Ann");
    later(&mut world, HOUR * 23);
    assert_eq!(world.states(ben), [MessageState::Sent]);
    later(&mut world, HOUR);
    assert_eq!(world.states(ben), [MessageState::Failed]);
    let why = world.whys(ben)[0];
    assert_eq!(why.obstacle, Obstacle::Expired);
    assert_eq!(why.kept.as_secs() / 3600, 24);
}

#[test]
fn a_home_that_keeps_for_longer_than_it_is_asked_grants_what_it_is_asked() {
    let (mut world, _, ben) = away(2, &[KEEP_TTL_MAX]);
    world.say(ben, "whenever");
    world.run_for(seconds(10));
    let keep = world.person(ben).peer.open_chat().unwrap().connection.keep;
    assert_eq!(keep, Some(KEEP_TTL_MAX));
    later(&mut world, KEEP_TTL_MAX - HOUR);
    assert_eq!(world.states(ben), [MessageState::Sent]);
    later(&mut world, HOUR);
    assert_eq!(world.states(ben), [MessageState::Failed]);
}

#[test]
fn a_message_that_no_home_has_waits_here_for_thirty_days() {
    let (mut world, ann, ben) = away(3, &[HOUR * 2]);
    world.kill_node(0);
    world.say(ben, "at last");
    later(&mut world, HOUR * 48);
    assert_eq!(world.states(ben), [MessageState::Queued]);
    world.start_node(0);
    world.run_for(seconds(120));
    assert_eq!(world.states(ben), [MessageState::Sent]);
    world.wake(ann);
    world.run_for(seconds(60));
    assert_eq!(world.person(ann).announced, ["at last"]);
}

#[test]
fn a_home_that_let_an_envelope_expire_by_its_own_rule_is_not_blamed() {
    let (mut world, ann, ben) = away(4, &[HOUR * 48, KEEP_TTL_MAX]);
    world.say(ben, "one");
    world.run_for(seconds(10));
    later(&mut world, HOUR * 72);
    world.say(ben, "two");
    world.run_for(seconds(10));
    world.wake(ann);
    world.run_for(seconds(3600));
    // Each home hands over what it has at the same time.
    let mut announced = world.person(ann).announced.clone();
    announced.sort();
    assert_eq!(announced, ["one", "two"]);
    let homes = world.person(ann).peer.network().homes;
    assert!(
        homes.iter().all(|home| home.held_back.is_none()),
        "{homes:?}"
    );
}
