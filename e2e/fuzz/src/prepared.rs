//! Where targets that need a past begin: Ann, Ben and Cleo with a supernode, as their disks were when
//! Ann and Ben had talked for a while. Made once a process, by the simulator; the same every time.

use std::sync::OnceLock;
use std::time::Duration;

use e2e_swarm::disk::Records;
use e2e_swarm::faults::Crash;
use e2e_swarm::world::World;
use shared::base::id::{NodeId, PersonaId};
use shared::base::time::Timestamp;
use shared::relay::RelayLimits;
use shared::session::route::Route;

/// The simulator's seed.
const SEED: u64 = 77;

/// See the module.
pub struct Prepared {
    /// When it was.
    pub now: Timestamp,
    /// The disks of Ann, Ben and Cleo. Ann and Ben are friends; Cleo has a persona.
    pub people: [Records; 3],
    /// Who they are.
    pub personas: [PersonaId; 3],
    /// Codes of their invites.
    pub invites: [String; 3],
    /// The supernode's disk.
    pub node: Records,
    /// Its key's seed.
    pub node_seed: [u8; 32],
    /// In everybody's `kith.json`.
    pub supernodes: Vec<(NodeId, Vec<Route>)>,
}

/// The prepared world.
pub fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(prepare)
}

fn prepare() -> Prepared {
    let mut world = World::new(SEED);
    let node = world.add_node(RelayLimits::default());
    for name in ["Ann", "Ben", "Cleo"] {
        assert!(world.add_person(name, &[node]).is_ok(), "{name} comes");
    }
    run(&mut world, 60);
    assert!(world.befriend(1, 0).is_ok(), "Ben has Ann's invite");
    run(&mut world, 60);
    for (from, to) in [(0, 1), (1, 0), (0, 1)] {
        assert!(world.say(from, to, "hello"), "they talk");
        run(&mut world, 5);
    }
    // What is said while Ben is away waits in Ann's outbox and at the supernode.
    let crash = Crash {
        written: true,
        silent: false,
    };
    world.close_page(1, crash);
    assert!(world.say(0, 1, "are you there?"));
    run(&mut world, 30);
    let disk = |person: usize| world.people[person].disk.kept.clone();
    let persona = |person: usize| world.people[person].persona.unwrap_or(PersonaId([0; 32]));
    let invite = |person: usize| {
        let invite = world.people[person].peer.invite();
        invite.map(|invite| invite.code).unwrap_or_default()
    };
    Prepared {
        now: world.now,
        people: [0, 1, 2].map(disk),
        personas: [0, 1, 2].map(persona),
        invites: [0, 1, 2].map(invite),
        node: world.nodes[node].disk.kept.clone(),
        node_seed: world.nodes[node].key,
        supernodes: vec![world.supernode(node)],
    }
}

fn run(world: &mut World, seconds: u64) {
    if let Err(violation) = world.run_for(Duration::from_secs(seconds)) {
        panic!("{}", violation.what);
    }
}
