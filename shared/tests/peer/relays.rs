//! Channels through relays: who goes by them, with which credentials, and what the other side sees.

use shared::peer::command::Command;
use shared::peer::view::{Connection, Path};

use crate::world::{Who, World, seconds};

/// Ann and Ben at a supernode that relays, with credentials for an hour; Ben has accepted Ann's invite.
fn people(seed: u64) -> (World, usize, Who, Who) {
    let mut world = World::new(seed);
    let home = world.add_relaying_node(seconds(3600));
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &[home]));
    world.connect(ben, ann);
    (world, home, ann, ben)
}

fn connection(world: &World, who: Who) -> Connection {
    world.person(who).peer.open_chat().unwrap().connection
}

fn always_relay(world: &mut World, who: Who, on: bool) {
    world.command(who, Command::SetAlwaysRelay(on)).unwrap();
    world.run_for(seconds(5));
}

/// Names in the credentials that a person's channels are made with now.
fn usernames(world: &World, who: Who) -> Vec<String> {
    let links = world.channels.keys().filter(|(person, _)| *person == who.0);
    links
        .flat_map(|key| &world.ices[key].servers)
        .map(|server| server.username.clone())
        .collect()
}

#[test]
fn whoever_came_by_an_invite_learns_no_address_until_they_are_written_to() {
    let (mut world, _, ann, ben) = people(1);
    assert_eq!(world.path(ann), Path::Relayed);
    assert_eq!(world.path(ben), Path::Relayed);
    assert!(!connection(&world, ann).address_visible);
    // Ben asked for the contact himself, and hides nothing.
    assert!(connection(&world, ben).address_visible);
    world.say(ben, "hello");
    world.run_for(seconds(5));
    assert_eq!(
        world.path(ann),
        Path::Relayed,
        "being written to says nothing"
    );
    world.reload(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(60));
    assert_eq!(world.path(ann), Path::Relayed, "nor does coming back");

    world.say(ann, "welcome");
    world.run_for(seconds(5));
    assert_eq!(world.path(ann), Path::Direct);
    assert_eq!(world.path(ben), Path::Direct);
    assert!(connection(&world, ann).address_visible);
    world.reload(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(60));
    assert_eq!(world.path(ann), Path::Direct);
    assert_eq!(world.person(ann).timeline(), ["Ben: hello", "Ann: welcome"]);
}

#[test]
fn without_a_relay_a_stranger_is_linked_to_directly() {
    let (world, ann, ben) = World::friends(2);
    assert_eq!(world.path(ann), Path::Direct);
    assert_eq!(world.path(ben), Path::Direct);
    assert!(connection(&world, ann).address_visible);
    assert_eq!(world.person(ann).peer.network().relays, 0);
}

#[test]
fn always_relay_hides_the_address_and_stays_so() {
    let (mut world, _, ann, ben) = people(3);
    world.say(ann, "welcome");
    world.run_for(seconds(5));
    assert_eq!(world.path(ann), Path::Direct);
    assert_eq!(world.person(ann).peer.network().relays, 1);

    always_relay(&mut world, ann, true);
    assert!(world.person(ann).peer.me().unwrap().always_relay);
    assert_eq!(world.path(ann), Path::Relayed);
    assert_eq!(world.path(ben), Path::Relayed);
    assert!(!connection(&world, ann).address_visible);
    world.reload(ann);
    world.open(ann, "Ben");
    world.run_for(seconds(5));
    assert!(world.person(ann).peer.me().unwrap().always_relay);
    assert_eq!(world.path(ann), Path::Relayed);
    world.say(ann, "round");
    world.run_for(seconds(5));
    assert_eq!(world.path(ann), Path::Relayed, "writing is no consent then");
    world.watch(ben, true);
    assert_eq!(world.person(ben).timeline().len(), 2);

    always_relay(&mut world, ann, false);
    assert_eq!(world.path(ann), Path::Direct);
}

#[test]
fn always_relay_without_a_relay_leaves_the_mailbox_and_says_so() {
    let (mut world, ann, ben) = World::friends(4);
    always_relay(&mut world, ann, true);
    assert_eq!(world.path(ann), Path::Supernode);
    assert_eq!(world.path(ben), Path::Supernode);
    let shown = connection(&world, ann);
    assert!(shown.lacks_relay && !shown.address_visible);
    assert!(!connection(&world, ben).lacks_relay);
    world.say(ann, "by mail");
    world.say(ben, "so I see");
    world.run_for(seconds(10));
    assert_eq!(world.person(ben).timeline().len(), 2);
    assert_eq!(world.person(ann).timeline().len(), 2);
    world.run_for(seconds(300));
    assert_eq!(world.path(ann), Path::Supernode);

    // Ben's browser has long given up what he began; then the operator switches a relay on.
    world.reload(ben);
    world.nodes[0].relays_for = Some(seconds(3600));
    world.kill_node(0);
    world.start_node(0);
    world.run_for(seconds(60));
    assert_eq!(world.path(ann), Path::Relayed);
    assert!(!connection(&world, ann).lacks_relay);
}

#[test]
fn credentials_are_renewed_before_they_end_and_channels_get_them() {
    let mut world = World::new(5);
    let home = world.add_relaying_node(seconds(60));
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &[home]));
    world.connect(ben, ann);
    let link = *world
        .channels
        .keys()
        .find(|(who, _)| *who == ann.0)
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..100 {
        world.run_for(seconds(7));
        assert!(world.relays_now(ann), "they have ended");
        let names = usernames(&world, ann);
        assert_eq!(names.len(), 1);
        if !seen.contains(&names[0]) {
            seen.push(names[0].clone());
        }
    }
    // 700 s, half a minute each.
    assert!((20..=26).contains(&seen.len()), "{}", seen.len());
    assert!(world.channels.contains_key(&link), "the channel went on");
    assert_eq!(world.path(ann), Path::Relayed);
}

#[test]
fn with_the_home_gone_credentials_end_and_come_back_with_it() {
    let (mut world, home, ann, _) = people(6);
    always_relay(&mut world, ann, true);
    world.kill_node(home);
    world.run_for(seconds(1800));
    assert_eq!(world.person(ann).peer.network().relays, 1, "still good");
    world.run_for(seconds(1800));
    assert_eq!(world.person(ann).peer.network().relays, 0);
    world.start_node(home);
    world.run_for(seconds(90));
    assert_eq!(world.person(ann).peer.network().relays, 1);
    assert_eq!(world.path(ann), Path::Relayed);
}

#[test]
fn two_homes_are_used_at_a_time() {
    let mut world = World::new(7);
    let homes = [0; 3].map(|_| world.add_relaying_node(seconds(3600)));
    let [ann, ben] = ["Ann", "Ben"].map(|name| world.add_person(name, &homes));
    world.connect(ben, ann);
    let names = usernames(&world, ann);
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1], "no home can tell what another calls me");
    assert_eq!(world.person(ann).peer.network().relays, 3);
}
