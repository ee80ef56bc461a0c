//! What a donor gives, to the last allocation and the last byte.

use super::world::*;
use crate::base::time::Timestamp;
use crate::turn::wire::attribute;
use crate::turn::{Config, Donation, Dropped, Month, Verdict};

fn world(donation: Donation) -> World {
    World::with(Config {
        donation,
        ..config()
    })
}

fn on_port(name: &str, port: u16) -> Person {
    person(name, &format!("192.0.2.1:{port}"))
}

fn allocate(world: &mut World, name: &str, port: u16) -> Option<u16> {
    on_port(name, port)
        .ask(world, ALLOCATE, &udp_transport())
        .code
}

#[test]
fn a_name_has_its_share_and_gets_it_back() {
    let mut world = world(Donation {
        allocations_per_name: 2,
        ..config().donation
    });
    assert_eq!(allocate(&mut world, "ann", 1), None);
    assert_eq!(allocate(&mut world, "ann", 2), None);
    assert_eq!(allocate(&mut world, "ann", 3), Some(486));
    assert_eq!(allocate(&mut world, "ben", 4), None);
    assert_eq!(world.server.stats().quota, 1);
    let zero = (attribute::LIFETIME, vec![0; 4]);
    assert_eq!(
        on_port("ann", 1).ask(&mut world, REFRESH, &[zero]).code,
        None
    );
    assert_eq!(allocate(&mut world, "ann", 3), None);
    world.wait(600);
    assert_eq!(
        allocate(&mut world, "ann", 5),
        Some(486),
        "quotas return with the tick"
    );
    world.tick();
    assert_eq!(allocate(&mut world, "ann", 5), None);
}

#[test]
fn all_credentials_of_one_name_share_its_quota() {
    let mut world = world(Donation {
        allocations_per_name: 1,
        ..config().donation
    });
    let mut codes = Vec::new();
    for (port, hours) in [(1, 1), (2, 2)] {
        let until = Timestamp(START + hours * 3_600_000);
        let issued = config().credentials.issue("cleo", until).unwrap();
        let mut cleo = on_port("cleo", port);
        (cleo.username, cleo.password) = (issued.username, issued.password);
        codes.push(cleo.ask(&mut world, ALLOCATE, &udp_transport()).code);
    }
    assert_eq!(codes, [None, Some(486)]);
}

#[test]
fn all_together_have_so_many_and_no_more() {
    let mut world = world(Donation {
        allocations: 3,
        ..config().donation
    });
    for port in 1..=3 {
        assert_eq!(allocate(&mut world, "ann", port), None);
    }
    assert_eq!(allocate(&mut world, "ben", 4), Some(508));
    assert_eq!(world.server.stats().no_room, 1);
}

#[test]
fn ports_end_and_come_back() {
    let mut config = config();
    config.policy.relay_ports = 50_000..=50_001;
    let mut world = World::with(config);
    assert_eq!(allocate(&mut world, "ann", 1), None);
    assert_eq!(allocate(&mut world, "ann", 2), None);
    assert_eq!(allocate(&mut world, "ann", 3), Some(508));
    world.wait(600);
    world.tick();
    assert_eq!(allocate(&mut world, "ann", 3), None);
}

#[test]
fn bytes_per_second_are_counted_for_each_and_for_all() {
    let mut world = world(Donation {
        bytes_per_second_each: 1000,
        bytes_per_second: 1500,
        ..config().donation
    });
    let (mut ann, mut ben) = (ann(), ben());
    ann.allocate(&mut world);
    ben.allocate(&mut world);
    ann.permit(&mut world, PEER);
    ben.permit(&mut world, PEER);
    let limit = Verdict::Drop(Dropped::Limit);
    assert_ne!(ann.send(&mut world, PEER, &[0; 1000]).0, limit);
    assert_eq!(ann.send(&mut world, PEER, &[0; 1]).0, limit);
    assert_ne!(ben.send(&mut world, PEER, &[0; 500]).0, limit);
    assert_eq!(ben.send(&mut world, PEER, &[0; 1]).0, limit);
    assert_eq!(
        allocate(&mut world, "ann", 9),
        Some(508),
        "who is new waits while it is full"
    );
    world.wait(1);
    assert_ne!(ann.send(&mut world, PEER, &[0; 1000]).0, limit);
    world.wait(4);
    assert_eq!(allocate(&mut world, "ann", 9), None);
    assert_eq!(world.server.stats().bytes, 2500);
}

#[test]
fn a_month_is_used_up_and_remembered() {
    let number = Month::number_of(Timestamp(START));
    let donation = Donation {
        bytes_per_month: 1000,
        ..config().donation
    };
    let month = Month { number, bytes: 900 };
    let mut world = World::with(Config {
        donation,
        month,
        ..config()
    });
    let mut ann = ann();
    ann.allocate(&mut world);
    ann.permit(&mut world, PEER);
    let limit = Verdict::Drop(Dropped::Limit);
    assert_ne!(ann.send(&mut world, PEER, &[0; 50]).0, limit);
    assert_eq!(
        allocate(&mut world, "ben", 9),
        Some(508),
        "the last twentieth is for calls that go on"
    );
    assert_ne!(ann.send(&mut world, PEER, &[0; 50]).0, limit);
    assert_eq!(ann.send(&mut world, PEER, &[0; 1]).0, limit);
    assert_eq!(
        world.server.stats().month,
        Month {
            number,
            bytes: 1000
        }
    );
    let (now, date) = (world.now, Timestamp(START + 17 * 86_400_000));
    world.server.tick(now, date, &mut world.sockets);
    assert_ne!(ann.send(&mut world, PEER, &[0; 1000]).0, limit);
    assert_eq!(
        world.server.stats().month,
        Month {
            number: number + 1,
            bytes: 1000
        }
    );
}
