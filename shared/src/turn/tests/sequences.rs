//! Anything in any order, by four clients over two hours, with what must always hold.

use std::collections::BTreeMap;

use super::world::*;
use crate::base::random::{Random, below};
use crate::turn::wire::attribute;
use crate::turn::{Config, DROPPED, Donation, Link, Relay, Verdict};

/// A linear congruential generator (Knuth's MMIX): repeats, and is good enough to choose.
struct Chance(u64);

impl Random for Chance {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

/// What the test believes the server must remember.
#[derive(Default)]
struct Belief {
    permitted: BTreeMap<(usize, String), u64>,
    bound: BTreeMap<(usize, u16), (String, u64)>,
    alive: BTreeMap<usize, u64>,
}

const PEERS: [&str; 4] = [
    "198.51.100.7:5000",
    "198.51.100.8:5000",
    "198.51.100.7:6000",
    "10.0.0.1:5000",
];

fn people() -> Vec<Person> {
    let mut people = vec![
        ann(),
        ben(),
        person("ann", "192.0.2.3:3"),
        person("ben", "192.0.2.4:4"),
    ];
    people[2].client.link = Link::Stream(9);
    people[3].modern = true;
    people
}

#[test]
fn whatever_comes_in_whatever_order_what_must_hold_holds() {
    let mut kinds = [0; 10];
    for seed in 0..40 {
        let donation = Donation {
            allocations: 3,
            allocations_per_name: 2,
            ..config().donation
        };
        let mut world = World::with(Config {
            donation,
            ..config()
        });
        let mut people = people();
        let mut belief = Belief::default();
        let mut chance = Chance(seed);
        for _ in 0..600 {
            let kind = below(&mut chance, 10);
            kinds[kind as usize] += 1;
            step(kind, &mut world, &mut people, &mut belief, &mut chance);
            invariants(&world);
        }
        world.server.close(&mut world.sockets);
        assert!(world.sockets.open.is_empty());
    }
    assert!(kinds.iter().all(|count| *count > 1000), "{kinds:?}");
}

fn step(
    kind: u64,
    world: &mut World,
    people: &mut [Person],
    belief: &mut Belief,
    chance: &mut Chance,
) {
    let mut pick = |count: u64| below(chance, count) as usize;
    let who = pick(4);
    let peer = PEERS[pick(4)];
    let number = 0x4000 + pick(3) as u16;
    let now = world.now.0;
    let person = &mut people[who];
    let is_alive = belief.alive.get(&who).is_some_and(|end| *end > now);
    match kind {
        0 => {
            let answer = person.ask(world, ALLOCATE, &udp_transport());
            match answer.code {
                None => assert!(
                    !is_alive
                        && belief
                            .alive
                            .insert(who, now + 600_000)
                            .is_none_or(|end| end <= now)
                ),
                Some(437) => assert!(is_alive),
                Some(code) => assert!([486, 508].contains(&code), "{code}"),
            }
            if answer.code.is_none() {
                belief.permitted.retain(|(whose, _), _| *whose != who);
                belief.bound.retain(|(whose, _), _| *whose != who);
            }
        }
        1 => {
            let seconds = [0_u32, 600, 1000, 9999][pick(4)];
            let code = person
                .ask(
                    world,
                    REFRESH,
                    &[(attribute::LIFETIME, seconds.to_be_bytes().to_vec())],
                )
                .code;
            assert_eq!(code, if is_alive { None } else { Some(437) });
            if is_alive {
                let life = if seconds == 0 { 0 } else { seconds.min(3600) };
                belief.alive.insert(who, now + u64::from(life) * 1000);
            }
        }
        2 => {
            let code = person.permit(world, peer);
            let wanted = match (is_alive, peer.starts_with("10.")) {
                (false, _) => Some(437),
                (true, true) => Some(403),
                (true, false) => None,
            };
            assert_eq!(code, wanted);
            if code.is_none() {
                belief.permitted.insert((who, ip(peer)), now + 300_000);
            }
        }
        3 => {
            let code = person.bind(world, number, peer);
            if code.is_none() {
                assert!(is_alive && !peer.starts_with("10."));
                belief.permitted.insert((who, ip(peer)), now + 300_000);
                let old = belief
                    .bound
                    .insert((who, number), (peer.to_owned(), now + 600_000));
                assert!(old.is_none_or(|(old, end)| old == peer || end <= now));
            }
        }
        4 => data(
            who,
            world.client_sends(person.client, &on_channel(number, b"data")),
            belief,
            now,
            is_alive,
            {
                let bound = belief.bound.get(&(who, number));
                bound
                    .filter(|(_, end)| *end > now)
                    .map(|(peer, _)| peer.clone())
            },
        ),
        5 => {
            let came = person.send(world, peer, b"data");
            data(who, came, belief, now, is_alive, Some(peer.to_owned()));
        }
        6 => {
            let relay = Relay(pick(6) as u32);
            let (verdict, bytes) = world.peer_sends(relay, peer, b"data");
            if let Some(client) = verdict.client() {
                let whose = people
                    .iter()
                    .position(|person| person.client == client)
                    .unwrap();
                assert!(is_permitted(belief, whose, peer, now), "{whose} {peer}");
                assert!(bytes.windows(4).any(|it| it == b"data"));
            }
        }
        7 => world.wait([1, 30, 200, 700][pick(4)]),
        8 => world.tick(),
        _ => {
            // Bytes by chance, some of which begin like a message.
            let mut bytes = vec![0; pick(60)];
            chance.fill(&mut bytes);
            if let Some(first) = bytes.first_mut() {
                *first %= 0x50;
            }
            let (verdict, _) = world.client_sends(person.client, &bytes);
            assert!(verdict.client().is_none(), "{bytes:?}");
        }
    }
}

fn ip(peer: &str) -> String {
    peer.split(':').next().unwrap().to_owned()
}

fn is_permitted(belief: &Belief, who: usize, peer: &str, now: u64) -> bool {
    let end = belief.permitted.get(&(who, ip(peer)));
    end.is_some_and(|end| *end > now)
}

/// Data goes out exactly when it may.
fn data(who: usize, came: Came, belief: &Belief, now: u64, is_alive: bool, peer: Option<String>) {
    let may = peer.filter(|peer| is_alive && is_permitted(belief, who, peer, now));
    match (came.0, may) {
        (Verdict::ToPeer(_, to), Some(peer)) => {
            assert_eq!((to.to_string(), &came.1[..]), (peer, &b"data"[..]));
        }
        (Verdict::Drop(_), None) => {}
        (verdict, may) => panic!("{verdict:?}, should go to {may:?}"),
    }
}

fn invariants(world: &World) {
    let stats = world.server.stats();
    assert_eq!(stats.allocations, world.sockets.open.len());
    assert!(stats.allocations <= 3);
    assert_eq!(stats.dropped.len(), DROPPED.len());
    let mut ports: Vec<_> = world.sockets.open.values().collect();
    ports.sort();
    ports.dedup();
    assert_eq!(ports.len(), stats.allocations);
}
