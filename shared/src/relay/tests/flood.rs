//! Too much, too fast.

use super::people::Person;
use super::world::{START, World};
use crate::base::limits::{
    CLAIM_COST, CONNECTIONS_PER_SOURCE_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND, FRAMES_BURST,
    FRAMES_PER_SECOND,
};
use crate::relay::{Input, RelayLimits};
use crate::session::wire::{ClientFrame, NodeFrame, Refusal};
use core::time::Duration;

#[test]
fn a_burst_of_frames_passes_and_one_more_ends_the_session() {
    let mut world = World::new();
    let client = world.ready();
    for token in 1..FRAMES_BURST {
        world.say(&client, &ClientFrame::Ping { token });
        assert_eq!(world.next(client.link), NodeFrame::Pong { token });
    }
    world.say(&client, &ClientFrame::Ping { token: 0 });
    assert_eq!(
        world.ended(&client),
        (Refusal::SlowDown, u64::from(1000 / FRAMES_PER_SECOND))
    );
}

#[test]
fn a_steady_stream_within_the_rate_goes_on() {
    let mut world = World::new();
    let client = world.ready();
    for token in 0..FRAMES_BURST * 4 {
        world.now = world
            .now
            .after(Duration::from_millis(u64::from(1000 / FRAMES_PER_SECOND)));
        world.say(&client, &ClientFrame::Ping { token });
    }
    assert!(!world.hung_up.contains(&client.link));
}

#[test]
fn claims_cost_more_than_other_frames() {
    let mut world = World::new();
    let ann = Person::ann();
    let client = world.ready();
    let claims = (FRAMES_BURST - 1) / (CLAIM_COST + 1);
    for _ in 0..claims {
        world.say(&client, &ann.claim(&client.transcript, 0));
        assert!(matches!(world.next(client.link), NodeFrame::Claimed { .. }));
    }
    world.say(&client, &ann.claim(&client.transcript, 0));
    assert_eq!(world.ended(&client).0, Refusal::SlowDown);
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    let mut world = World::new();
    let links: Vec<_> = (0..CONNECTIONS_PER_SOURCE_MAX)
        .map(|_| world.open_from(7))
        .collect();
    assert!(links.iter().all(|link| !world.hung_up.contains(link)));
    let refused = world.open_from(7);
    assert!(world.hung_up.contains(&refused));
    assert!(matches!(
        world.next(refused),
        NodeFrame::Refused {
            code: Refusal::SlowDown,
            retry_after_ms: 1..,
            ..
        }
    ));
    let elsewhere = world.open_from(8);
    assert!(!world.hung_up.contains(&elsewhere));
    world.handle(Input::Closed { link: links[0] });
    let next = world.open_from(7);
    assert!(!world.hung_up.contains(&next));
}

#[test]
fn one_address_connects_so_fast_and_no_faster() {
    let mut world = World::new();
    for _ in 0..CONNECTS_BURST {
        let link = world.open_from(7);
        assert!(matches!(world.next(link), NodeFrame::Challenge { .. }));
        world.handle(Input::Closed { link });
    }
    let link = world.open_from(7);
    let wait = u64::from(1000 / CONNECTS_PER_SECOND);
    assert!(
        matches!(world.next(link), NodeFrame::Refused { code: Refusal::SlowDown, retry_after_ms, .. } if retry_after_ms == wait)
    );
    world.now = world.now.after(Duration::from_millis(wait));
    let link = world.open_from(7);
    assert!(matches!(world.next(link), NodeFrame::Challenge { .. }));
}

#[test]
fn a_source_that_has_gone_is_forgotten_but_not_forgiven() {
    let mut world = World::with(RelayLimits {
        connections_per_source: 1,
        ..RelayLimits::default()
    });
    let link = world.open_from(7);
    world.run_for(Duration::from_secs(300));
    assert!(world.hung_up.contains(&link), "it never said hello");
    assert!(world.now > START);
    let again = world.open_from(7);
    assert!(!world.hung_up.contains(&again));
    let second = world.open_from(7);
    assert!(world.hung_up.contains(&second));
}
