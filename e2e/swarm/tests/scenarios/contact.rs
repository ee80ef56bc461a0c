//! First contact, and what can go wrong in every step of it.

use super::*;
use e2e_swarm::faults::Fault;

/// Transactions that a first contact takes on either side, and some more.
const STEPS: u32 = 10;

#[test]
fn a_crash_in_any_step_of_first_contact_delays_it_and_breaks_nothing() {
    for who in [ANN, BEN] {
        for step in 0..STEPS {
            for written in [true, false] {
                let mut world = strangers(30, SYMMETRIC, RelayLimits::default());
                let crash = Crash {
                    written,
                    silent: written,
                };
                let fault = Fault::ClosePageAfter(who, step, crash, seconds(20));
                // The first transaction of a guest is that there is a contact at all.
                if who == BEN && step == 0 && !written {
                    continue;
                }
                world.suffer(fault);
                world.befriend(BEN, ANN).unwrap();
                world.run_for(seconds(10)).unwrap();
                world.say(BEN, ANN, "is it you?");
                world.run_for(seconds(120)).unwrap();
                world.heal();
                let case = format!("person {who}, step {step}, written {written}");
                assert!(world.say(ANN, BEN, "hi"), "{case}");
                assert!(world.say(BEN, ANN, "ho"), "{case}");
                world.run_for(seconds(60)).unwrap();
                assert!(arrived(&world) >= 2, "{case}");
                world
                    .verify_converged()
                    .unwrap_or_else(|violation| panic!("{case}: {}", violation.what));
            }
        }
    }
}

#[test]
fn an_invite_that_was_taken_back_opens_no_door() {
    let mut world = strangers(31, SYMMETRIC, RelayLimits::default());
    let code = world.people[ANN].peer.invite().unwrap().code;
    let take_back = shared::peer::command::Command::TakeBackInvites;
    world.command(ANN, take_back).unwrap();
    world.run_for(seconds(10)).unwrap();
    let accept = shared::peer::command::Command::AcceptInvite { code };
    world.command(BEN, accept).unwrap();
    world.run_for(seconds(600)).unwrap();
    assert!(world.people[ANN].peer.chats().is_empty());
    assert!(world.people[BEN].peer.chats()[0].pending);
}
