//! Which of several routes is tried when, and which is kept.

use super::race::HEAD_START;
use super::tests::{context, prove};
use super::*;
use crate::base::effects::Effect;
use crate::base::random::Counter;
use crate::base::sign::SigningKey;
use crate::peer::io::{PeerEffects, Target, Trouble};
use crate::peer::view::RouteProblem;
use crate::session::wire::VERSION;
use alloc::string::{String, ToString};

const SOCKET: &str = "wss://home.example/ws";
const DIRECT: &str = "direct:192.0.2.1:3478/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

fn home(routes: &[&str]) -> Home {
    let routes = routes.iter().map(|route| Route::parse(route).unwrap());
    Home {
        node: NodeId(key().public()),
        routes: routes.collect(),
    }
}

fn courier(cx: &mut Cx<'_>, routes: &[&str]) -> Lines {
    let mut lines = Lines {
        online: true,
        ..Lines::default()
    };
    lines.want(cx, &home(routes), Role::Courier);
    lines
}

fn lines(cx: &mut Cx<'_>, routes: &[&str]) -> Lines {
    let mut lines = Lines {
        online: true,
        ..Lines::default()
    };
    lines.set_homes(cx, &[home(routes)]);
    lines
}

/// What was dialled and hung up since this was last asked.
fn done(cx: &mut Cx<'_>) -> (Vec<(LinkId, String)>, Vec<LinkId>) {
    let (mut dialled, mut hung_up) = (Vec::new(), Vec::new());
    for effect in core::mem::take(&mut cx.out.then) {
        match effect {
            Effect::Dial(link, Target::Supernode { route }) => {
                dialled.push((link, route.as_str().to_string()));
            }
            Effect::HangUp(link) => hung_up.push(link),
            _ => {}
        }
    }
    (dialled, hung_up)
}

fn pass(cx: &mut Cx<'_>, lines: &mut Lines, time: Duration) {
    cx.now = cx.now.after(time);
    lines.tick(cx);
}

#[test]
fn the_next_route_is_tried_a_little_later_and_the_first_proof_wins() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = courier(&mut cx, &[SOCKET, DIRECT]);
    let (dialled, _) = done(&mut cx);
    assert_eq!(dialled.len(), 1);
    assert_eq!(dialled[0].1, SOCKET);
    let socket = dialled[0].0;
    assert_eq!(lines.deadline(), Some(cx.now.after(HEAD_START)));
    pass(&mut cx, &mut lines, HEAD_START - Duration::from_millis(1));
    assert!(done(&mut cx).0.is_empty());
    pass(&mut cx, &mut lines, Duration::from_millis(1));
    let (dialled, hung_up) = done(&mut cx);
    assert_eq!(dialled[0].1, DIRECT);
    assert!(hung_up.is_empty());
    let direct = dialled[0].0;
    // Both are open; who proves the key first is kept, whoever was first otherwise.
    lines.link_up(&mut cx, socket, Vec::new());
    lines.link_up(&mut cx, direct, Vec::new());
    done(&mut cx);
    prove(&mut cx, &mut lines, direct, &key(), VERSION);
    assert_eq!(done(&mut cx).1, [socket]);
    assert!(!lines.owns(socket) && lines.owns(direct));
}

#[test]
fn a_route_that_fails_makes_way_at_once() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = lines(&mut cx, &[SOCKET, DIRECT]);
    let (first, _) = done(&mut cx);
    lines.note_trouble(first[0].0, Trouble::NoAnswer);
    assert!(lines.link_down(&mut cx, first[0].0).is_empty());
    let (second, _) = done(&mut cx);
    assert_eq!(second[0].1, DIRECT);
    lines.note_trouble(second[0].0, Trouble::NotBegun);
    let events = lines.link_down(&mut cx, second[0].0);
    assert!(matches!(events[..], [LineEvent::Down(..)]));
    assert!(done(&mut cx).0.is_empty());
    let problems = lines.routes(&home(&[SOCKET, DIRECT]));
    let problems: Vec<_> = problems.iter().map(|route| route.problem).collect();
    let trouble = |trouble| Some(RouteProblem::Trouble(trouble));
    assert_eq!(
        problems,
        [trouble(Trouble::NoAnswer), trouble(Trouble::NotBegun)]
    );
    // After a pause, all over again.
    pass(&mut cx, &mut lines, PAUSE_MIN * 2);
    assert_eq!(done(&mut cx).0[0].1, SOCKET);
}

#[test]
fn what_nobody_knows_to_dial_is_not_dialled() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let lines = lines(&mut cx, &["pigeon:loft-7", DIRECT]);
    assert_eq!(done(&mut cx).0[0].1, DIRECT);
    let views = lines.routes(&home(&["pigeon:loft-7", DIRECT]));
    assert!(views[1].is_direct && views[1].host == "192.0.2.1:3478");
}

#[test]
fn the_route_that_worked_begins_next_time() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = courier(&mut cx, &[SOCKET, DIRECT]);
    let socket = done(&mut cx).0[0].0;
    lines.link_down(&mut cx, socket);
    let direct = done(&mut cx).0[0].0;
    lines.link_up(&mut cx, direct, Vec::new());
    prove(&mut cx, &mut lines, direct, &key(), VERSION);
    assert!(lines.is_ready(&home(&[]).node, Role::Courier));
    done(&mut cx);
    lines.link_down(&mut cx, direct);
    pass(&mut cx, &mut lines, PAUSE_MIN * 2);
    let (dialled, _) = done(&mut cx);
    assert_eq!(dialled[0].1, DIRECT);
    pass(&mut cx, &mut lines, HEAD_START);
    assert_eq!(done(&mut cx).0[0].1, SOCKET);
}

#[test]
fn a_line_whose_routes_become_others_while_it_tries_goes_on() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = lines(&mut cx, &[SOCKET, DIRECT]);
    let socket = done(&mut cx).0[0].0;
    // The supernode speaks no WebSocket any more.
    lines.set_homes(&mut cx, &[home(&[DIRECT])]);
    lines.link_down(&mut cx, socket);
    let (dialled, _) = done(&mut cx);
    assert_eq!(dialled[0].1, DIRECT);
    let events = lines.link_down(&mut cx, dialled[0].0);
    assert!(matches!(events[..], [LineEvent::Down(..)]));
    assert!(lines.deadline().is_some(), "it is tried again");
}

#[test]
fn what_was_wrong_before_is_forgotten_when_a_line_is_open() {
    let (mut random, mut out) = (Counter(0), PeerEffects::default());
    let mut cx = context(&mut random, &mut out);
    let mut lines = courier(&mut cx, &[SOCKET, DIRECT]);
    for _ in 0..2 {
        let link = done(&mut cx).0[0].0;
        lines.note_trouble(link, Trouble::NoAnswer);
        lines.link_down(&mut cx, link);
    }
    let node = home(&[]).node;
    let problems = |lines: &Lines| {
        lines
            .lines
            .get(&(node, Role::Courier))
            .unwrap()
            .problems
            .clone()
    };
    assert!(problems(&lines).iter().all(Option::is_some));
    pass(&mut cx, &mut lines, PAUSE_MIN * 2);
    let socket = done(&mut cx).0[0].0;
    lines.link_up(&mut cx, socket, Vec::new());
    prove(&mut cx, &mut lines, socket, &key(), VERSION);
    assert_eq!(problems(&lines), [None, None]);
}
