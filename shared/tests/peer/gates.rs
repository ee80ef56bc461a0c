//! Supernodes that ask strangers for something: stories in a world of real peers and real relays.

use crate::world::{Who, World, seconds};
use shared::base::sign::SigningKey;
use shared::gates::Gates;
use shared::gates::token::Token;
use shared::gates::work::WORK_BITS_MAX;
use shared::peer::command::{Command, CommandError};
use shared::peer::view::SupernodeState;
use shared::relay::RelayLimits;

fn asking(invite: bool, work_bits: u8) -> RelayLimits {
    RelayLimits {
        registration: Gates { invite, work_bits },
        ..RelayLimits::default()
    }
}

fn state(world: &World, who: Who) -> SupernodeState {
    world.person(who).peer.network().homes[0].state
}

fn token(world: &mut World, node: usize) -> String {
    let key = SigningKey::from_seed(world.nodes[node].seed);
    let until = world.now.after(seconds(5 * 24 * 3600));
    Token::issue(&key, until, &mut world.random).to_text()
}

#[test]
fn work_for_a_mailbox_is_done_by_itself_and_once() {
    let mut world = World::new(1);
    let home = world.add_node_with(asking(false, 14));
    let (ann, ben) = (
        world.add_person("Ann", &[home]),
        world.add_person("Ben", &[home]),
    );
    world.run_for(seconds(10));
    assert_eq!(state(&world, ann), SupernodeState::Connected);
    let done = world.person(ann).slices;
    assert!(done > 0);
    world.connect(ben, ann);
    world.say(ben, "hi");
    world.run_for(seconds(5));
    assert_eq!(world.person(ann).announced, ["hi"]);
    world.reload(ann);
    world.run_for(seconds(10));
    assert_eq!(state(&world, ann), SupernodeState::Connected);
    assert_eq!(world.person(ann).slices, done);
}

#[test]
fn a_supernode_that_asks_for_more_work_than_is_done_is_named_and_no_work_is_begun() {
    let mut world = World::new(2);
    let asked = WORK_BITS_MAX + 1;
    let home = world.add_node_with(asking(false, asked));
    let ann = world.add_person("Ann", &[home]);
    world.run_for(seconds(10));
    let gates = Gates {
        invite: false,
        work_bits: asked,
    };
    assert_eq!(state(&world, ann), SupernodeState::Gate(gates));
    assert_eq!(world.person(ann).slices, 0);
}

#[test]
fn an_operator_s_invite_opens_a_supernode_to_one_person() {
    let mut world = World::new(3);
    let home = world.add_node_with(asking(true, 8));
    let people = ["Ann", "Ben"].map(|name| world.add_person(name, &[home]));
    world.run_for(seconds(10));
    let gates = Gates {
        invite: true,
        work_bits: 8,
    };
    for who in people {
        assert_eq!(state(&world, who), SupernodeState::Gate(gates));
        assert_eq!(world.person(who).slices, 0, "work alone opens nothing");
    }
    let (node, _) = world.supernode(home);
    let text = token(&mut world, home);
    let bring = |token: &str| Command::BringToken {
        node,
        token: token.into(),
    };
    let [ann, ben] = people;
    assert_eq!(
        world.command(ann, bring("open, please")),
        Err(CommandError::BadToken)
    );
    world.command(ann, bring(&text)).unwrap();
    world.run_for(seconds(10));
    assert_eq!(state(&world, ann), SupernodeState::Connected);
    world.command(ben, bring(&text)).unwrap();
    world.run_for(seconds(10));
    assert_eq!(state(&world, ben), SupernodeState::Gate(gates));
    assert!(world.person(ben).peer.network().homes[0].has_token);
    let text = token(&mut world, home);
    world.command(ben, bring(&text)).unwrap();
    world.run_for(seconds(700));
    assert_eq!(state(&world, ben), SupernodeState::Connected);
    for who in people {
        world.reload(who);
        world.run_for(seconds(10));
        assert_eq!(state(&world, who), SupernodeState::Connected);
    }
}

#[test]
fn a_first_contact_is_worked_for_where_that_is_asked() {
    let mut world = World::new(4);
    let mut limits = RelayLimits::default();
    let plain = world.add_node();
    limits.mailboxes.request_work_bits = 10;
    let asks = world.add_node_with(limits);
    let (ann, ben) = (
        world.add_person("Ann", &[plain, asks]),
        world.add_person("Ben", &[plain]),
    );
    world.sleep(ann);
    let code = world.person(ann).invite();
    world.accept(ben, &code);
    world.run_for(seconds(30));
    assert!(world.person(ben).slices > 0);
    // The home that asks has it: the other one is gone.
    world.kill_node(plain);
    world.wake(ann);
    world.run_for(seconds(30));
    assert_eq!(world.person(ann).peer.chats()[0].name, "Ben");
}

#[test]
fn a_supernode_without_room_for_another_mailbox_is_named() {
    let mut world = World::new(5);
    let mut limits = RelayLimits::default();
    limits.mailboxes.mailboxes = 1;
    let home = world.add_node_with(limits);
    let (ann, ben) = (
        world.add_person("Ann", &[home]),
        world.add_person("Ben", &[home]),
    );
    assert_eq!(state(&world, ann), SupernodeState::Connected);
    assert_eq!(state(&world, ben), SupernodeState::NoRoom);
}

#[test]
fn work_that_is_never_enough_is_not_done_without_end() {
    let mut world = World::new(6);
    let home = world.add_node_with(asking(false, 4));
    // The supernode's clock is a week ahead, so all work is of another day to it.
    world.nodes[home].clock_ahead = seconds(7 * 24 * 3600);
    let ann = world.add_person("Ann", &[home]);
    world.run_for(seconds(3600));
    assert!(matches!(state(&world, ann), SupernodeState::Gate(_)));
    assert!((1..=12).contains(&world.person(ann).slices));
}

#[test]
fn homes_that_ask_for_different_work_all_get_enough_of_it() {
    for order in [[8, 11, 14], [14, 11, 8], [11, 14, 8]] {
        for alive in 0..order.len() {
            let mut world = World::new(7);
            let homes = order.map(|bits| {
                let mut limits = RelayLimits::default();
                limits.mailboxes.request_work_bits = bits;
                world.add_node_with(limits)
            });
            let plain = world.add_node();
            let ann = world.add_person("Ann", &homes);
            let ben = world.add_person("Ben", &[plain]);
            world.sleep(ann);
            let code = world.person(ann).invite();
            world.accept(ben, &code);
            world.run_for(seconds(30));
            assert!((1..=3).contains(&world.person(ben).slices));
            for (at, home) in homes.into_iter().enumerate() {
                if at != alive {
                    world.kill_node(home);
                }
            }
            world.wake(ann);
            world.run_for(seconds(30));
            let chats = world.person(ann).peer.chats();
            assert_eq!(chats.len(), 1, "{order:?}: home {alive} has no hello");
        }
    }
}
