//! Who is told of STUN and TURN servers, and by what name they go there.

use core::time::Duration;

use super::people::Person;
use super::world::{Client, World};
use crate::base::sign::SigningKey;
use crate::relay::TurnOffer;
use crate::session::offer::SERVER_URLS_MAX;
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};
use crate::turn::{Credentials, secret};

const LIFE: Duration = Duration::from_secs(3600);

fn key() -> SigningKey {
    SigningKey::from_seed([6; 32])
}

fn credentials() -> Credentials {
    Credentials::none().with_secret(&secret(&key()))
}

fn relaying(urls: usize) -> World {
    let url = |port| alloc::format!("turn:192.0.2.1:{port}?transport=udp");
    let urls = (1..=urls).map(url).collect();
    let offer = TurnOffer::new(urls, credentials(), &key(), LIFE);
    let mut world = World::new();
    world.relay.set_turn(Some(offer));
    world
}

/// The name and password that a client gets.
fn ask(world: &mut World, client: &Client) -> (String, String) {
    world.say(client, &ClientFrame::Turn {});
    match world.next(client.link) {
        NodeFrame::Turn {
            username, password, ..
        } => (username, password),
        other => panic!("{other:?}"),
    }
}

fn name(username: &str) -> &str {
    username.split_once(':').unwrap().1
}

#[test]
fn whoever_has_claimed_gets_servers_and_a_credential_that_they_know() {
    let mut world = relaying(1);
    let anns = world.claimed(&Person::ann(), 0);
    world.say(&anns, &ClientFrame::Turn {});
    let until = world.now.after(LIFE);
    let NodeFrame::Turn {
        urls,
        username,
        password,
        life_seconds,
    } = world.next(anns.link)
    else {
        panic!("no offer")
    };
    assert_eq!(urls, ["turn:192.0.2.1:1?transport=udp"]);
    assert_eq!(u64::from(life_seconds), LIFE.as_secs());
    let (expiry, name) = username.split_once(':').unwrap();
    assert_eq!(expiry, until.seconds().to_string());
    let known = credentials().issue(name, until).unwrap();
    assert_eq!(
        (known.username, known.password),
        (username.clone(), password)
    );
}

#[test]
fn a_persona_has_one_name_a_day_that_says_nothing() {
    let mut world = relaying(1);
    let (ann, ben) = (Person::new(1, 2), Person::ben());
    let clients = [(&ann, 0), (&ann, 1), (&ben, 0)].map(|(who, device)| world.claimed(who, device));
    let [one, other, bens] = clients.each_ref().map(|client| ask(&mut world, client).0);
    assert_eq!(
        name(&one),
        name(&other),
        "devices share the limits of a persona"
    );
    assert_ne!(name(&one), name(&bens));
    assert!(!one.contains(&ann.id().to_text()));

    world.run_for(Duration::from_secs(24 * 3600));
    let next = world.claimed(&ann, 0);
    let tomorrow = ask(&mut world, &next).0;
    assert_ne!(name(&tomorrow), name(&one), "nobody is followed for longer");
}

#[test]
fn whoever_has_not_claimed_is_told_nothing() {
    let mut world = relaying(1);
    let nobody = world.ready();
    world.say(&nobody, &ClientFrame::Turn {});
    let NodeFrame::Refused { code, .. } = world.next(nobody.link) else {
        panic!("not refused")
    };
    assert_eq!(code, Refusal::NotClaimed);
    assert!(!world.hung_up.contains(&nobody.link));

    let older = world.ready_with(2);
    world.say(&older, &Person::ben().claim(&older.transcript, 0));
    assert!(matches!(world.next(older.link), NodeFrame::Claimed { .. }));
    world.say(&older, &ClientFrame::Turn {});
    assert_eq!(world.ended(&older).0, Refusal::BadFrame);
}

#[test]
fn a_supernode_that_relays_nothing_says_so() {
    let mut world = World::new();
    let anns = world.claimed(&Person::ann(), 0);
    world.say(&anns, &ClientFrame::Turn {});
    let NodeFrame::Turn {
        urls, life_seconds, ..
    } = world.next(anns.link)
    else {
        panic!("no answer")
    };
    assert_eq!((urls.len(), life_seconds), (0, 0));
}

#[test]
fn no_more_servers_are_named_than_clients_read() {
    for count in [SERVER_URLS_MAX, SERVER_URLS_MAX + 1] {
        let mut world = relaying(count);
        let anns = world.claimed(&Person::ann(), 0);
        world.say(&anns, &ClientFrame::Turn {});
        let NodeFrame::Turn { urls, .. } = world.next(anns.link) else {
            panic!("no offer")
        };
        assert_eq!(urls.len(), SERVER_URLS_MAX);
    }
}
