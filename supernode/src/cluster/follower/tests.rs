//! A follower whose messages are read by the test.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::post::{Letter, Letters, WAITING_BYTES_MAX};
use super::*;

const LINK: LinkId = LinkId(7);

#[derive(Default)]
struct Endings(AtomicUsize);

impl Outbox for Endings {
    fn push(&self, _: &[u8]) -> Pushed {
        Pushed::Behind
    }

    fn flush(&self) {}

    fn end(&self, _: Ending) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A follower with a leader and one connection, and what it sends.
async fn following() -> (Follower, Letters, Arc<Endings>) {
    let (post, mut letters) = Post::new();
    let follower = Follower::new(post, Subjects::of("kith"));
    follower.state().tie = Some(Tie {
        id: [1; 16],
        leader: [2; 16],
        sent: 0,
        received: 0,
    });
    let outbox = Arc::new(Endings::default());
    let opened = Event::Opened {
        link: LINK,
        source: 3,
        binding: vec![4],
        outbox: outbox.clone(),
    };
    assert!(matches!(follower.forward(opened), Ok(true)));
    assert_eq!(
        next(&mut letters).await,
        In::Opened(LINK.0, 3, Some(vec![4]))
    );
    (follower, letters, outbox)
}

async fn next(letters: &mut Letters) -> In {
    match letters.next().await {
        Some(Letter::Message(_, bytes)) => Inward::from_bytes(&bytes).unwrap().what,
        _ => panic!("no message"),
    }
}

#[tokio::test]
async fn a_link_that_the_leader_ends_is_reported_as_closed() {
    let (follower, mut letters, outbox) = following().await;
    let what = Out::End(LINK.0);
    assert!(follower.take(Some(Outward { number: 0, what })));
    assert_eq!(outbox.0.load(Ordering::Relaxed), 1);
    assert_eq!(next(&mut letters).await, In::Closed(LINK.0));
    assert!(follower.state().links.is_empty());
}

#[tokio::test]
async fn frames_wait_while_too_much_waits_for_the_network() {
    let (follower, mut letters, _) = following().await;
    follower
        .post
        .send(String::new(), vec![0; WAITING_BYTES_MAX]);
    let frame = || Event::Received {
        link: LINK,
        bytes: b"frame".to_vec(),
    };
    assert!(matches!(
        follower.forward(frame()),
        Err(Event::Received { .. })
    ));
    assert!(letters.next().await.is_some());
    follower.room().await;
    assert!(matches!(follower.forward(frame()), Ok(true)));
    assert_eq!(
        next(&mut letters).await,
        In::Received(LINK.0, b"frame".to_vec())
    );
}

#[tokio::test]
async fn a_drain_is_not_forgotten_when_nobody_waits_for_it() {
    let (follower, _letters, outbox) = following().await;
    assert!(matches!(follower.forward(Event::Drain), Ok(true)));
    follower.drained().await;
    assert_eq!(outbox.0.load(Ordering::Relaxed), 1);
}
