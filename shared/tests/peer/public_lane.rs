//! A home says by which lane an envelope came, and what its lane does not allow lets nobody in.

use shared::mailbox::capability::Capability;
use shared::mailbox::parcel::Body;

use crate::requests::{people, waiting};
use crate::world::seconds;
use crate::world::turncoat::Turncoat;

#[test]
fn an_invite_that_nobody_has_looked_at_lets_nobody_in_and_who_has_not_worked_does_not_ask() {
    let (mut world, ann, ben) = people(12);
    let mallory = Turncoat::of(&world, ben, ann);
    // By the lane of those without an invite, the home has not seen how old this one is.
    let hello = mallory.hello(&mut world);
    let mut by_invite = mallory.envelope(&mut world, 1_000, hello.clone());
    by_invite.public = Some(true);
    // By another lane, a request costs nothing.
    let mut free = hello;
    if let Body::Hello { invite, .. } = &mut free {
        *invite = Capability::PUBLIC;
    }
    let mut asked = mallory.envelope(&mut world, 1_002, free.clone());
    let unpaid = mallory.envelope(&mut world, 1_001, free);
    assert!(world.hand_over(ann, vec![by_invite, unpaid]));
    world.run_for(seconds(2));
    assert!(world.person(ann).peer.chats().is_empty());
    assert!(waiting(&world, ann).is_empty());
    // The same, as it should come.
    asked.public = Some(true);
    assert!(world.hand_over(ann, vec![asked]));
    world.run_for(seconds(2));
    assert_eq!(waiting(&world, ann).len(), 1);
}
