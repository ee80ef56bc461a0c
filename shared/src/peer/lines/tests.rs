//! How many lines there are, and how often one is dialled.

use super::*;
use crate::base::effects::Effect;
use crate::base::random::Counter;
use crate::base::sorted::SortedSet;
use crate::peer::io::PeerEffects;

fn home(n: usize) -> Home {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&n.to_be_bytes());
    Home {
        node: NodeId(key),
        routes: Vec::from([Route::parse("wss://home.example/ws").unwrap()]),
    }
}

fn context<'a>(random: &'a mut Counter, out: &'a mut PeerEffects) -> Cx<'a> {
    Cx {
        now: Timestamp(0),
        random,
        out,
        next_link: 0,
        dirty: SortedSet::new(),
        changed: SortedSet::new(),
    }
}

#[test]
fn a_contact_with_ever_new_homes_takes_the_place_of_old_couriers_and_of_nothing_else() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = Lines::default();
    lines.set_homes(&mut cx, &[home(0)]);
    for n in 1..LINES_MAX + 50 {
        cx.now = Timestamp(n as u64);
        lines.want(&mut cx, &home(n), Role::Courier);
        assert_eq!(lines.lines.len(), (n + 1).min(LINES_MAX));
    }
    assert!(lines.lines.contains_key(&(home(0).node, Role::Home)));
    assert!(!lines.lines.contains_key(&(home(1).node, Role::Courier)));
}

#[test]
fn ever_new_dead_homes_are_dialled_no_faster_than_couriers_may_give_way() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = Lines {
        online: true,
        ..Lines::default()
    };
    for round in 0..50 {
        cx.now = Timestamp(10 * round);
        for n in 0..LINES_MAX + 100 {
            lines.want(&mut cx, &home(n), Role::Courier);
        }
        let dialling: Vec<LinkId> = lines.by_link.keys().copied().collect();
        for link in dialling {
            lines.link_down(&mut cx, link);
        }
    }
    let dials = out.then.iter();
    let dials = dials.filter(|effect| matches!(effect, Effect::Dial(..)));
    assert!(dials.count() <= LINES_MAX + DISPLACED.burst as usize + 1);
}
