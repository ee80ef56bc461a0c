//! What has happened before a story takes its turn: the fuzzer would take long to guess so many good manners
//! in a row, and what breaks deep inside breaks behind them.

use shared::base::codec::encode;
use shared::mailbox::capability::Capability;
use shared::mailbox::parcel::Body;
use shared::peer::command::Command;
use shared::peer::requests::PUBLIC_BITS_MIN;
use shared::session::wire::NodeFrame;
use shared::signalling::wire::{RtcSignal, Signal};

use super::foe::Foe;
use super::stage::Stage;

/// Plays one of the openings.
pub fn play(which: u8, stage: &mut Stage, foes: &mut [Foe; 2]) {
    let played = match which {
        30.. => ask(stage, &mut foes[1]),
        which => play_invited(which, stage, foes),
    };
    assert!(played.is_some(), "an opening does not open");
}

fn play_invited(which: u8, stage: &mut Stage, foes: &mut [Foe; 2]) -> Option<()> {
    match which % 5 {
        0 => Some(()),
        1 => {
            super::connect(stage, 0);
            Some(())
        }
        2 => talk(stage, &mut foes[0]),
        3 => arrive(stage, &mut foes[1]),
        _ => link(stage, &mut foes[0]),
    }
}

/// A home hands over what a foe says with good manners.
fn deliver(stage: &mut Stage, foe: &mut Foe, kept: bool, body: Body) -> Option<()> {
    let home = |stage: &Stage| {
        let mut links = stage.links.keys().copied();
        links.find(|link| stage.node.lines.get(link).is_some_and(|it| it.claims))
    };
    if home(stage).is_none() {
        super::connect(stage, 0);
    }
    let link = home(stage)?;
    let line = stage.node.lines.get_mut(&link)?;
    line.sequence += u64::from(kept);
    let sequence = if kept { line.sequence } else { 0 };
    let place = (stage.now, sequence);
    let delivery = foe.posts(place, &stage.victim, body, &mut stage.random);
    let deliveries = vec![delivery];
    stage.receive(link, encode(&NodeFrame::Deliver { deliveries }));
    while stage.commit() {}
    Some(())
}

/// Three messages come, and are announced.
fn talk(stage: &mut Stage, foe: &mut Foe) -> Option<()> {
    for _ in 0..3 {
        let (body, text) = foe.says(stage.now, &mut stage.random)?;
        stage.texts.push((foe.id(), text));
        deliver(stage, foe, true, body)?;
    }
    stage.went_far.then_some(())
}

/// The stranger becomes a contact.
fn arrive(stage: &mut Stage, foe: &mut Foe) -> Option<()> {
    super::connect(stage, 0);
    let hello = foe.asks(stage.now, &stage.victim, &mut stage.random)?;
    deliver(stage, foe, true, hello)?;
    let chats = stage.peer.chats();
    chats
        .iter()
        .any(|chat| chat.persona == foe.id())
        .then_some(())
}

/// The page's address is open, and the stranger waits to be let in.
fn ask(stage: &mut Stage, foe: &mut Foe) -> Option<()> {
    super::connect(stage, 0);
    let work_bits = PUBLIC_BITS_MIN;
    stage.command(Command::OpenTo { work_bits });
    let hello = foe.asks(stage.now, &stage.victim, &mut stage.random)?;
    foe.hellos -= 1;
    let hello = match hello {
        Body::Hello {
            card, key_package, ..
        } => Body::Hello {
            card,
            key_package,
            invite: Capability::PUBLIC,
            welcome: None,
            words: None,
        },
        _ => return None,
    };
    deliver(stage, foe, true, hello)?;
    (stage.peer.requests().len() == 1 && stage.peer.chats().len() == 1).then_some(())
}

/// A channel to the contact is open.
fn link(stage: &mut Stage, foe: &mut Foe) -> Option<()> {
    deliver(stage, foe, false, Body::Signal(Signal::Knock))?;
    let step = Signal::Step {
        attempt: 1,
        signal: RtcSignal::Offer("v=0".into()),
    };
    if stage.link(false, 0).is_none() {
        deliver(stage, foe, false, Body::Signal(step))?;
    }
    let link = stage.link(false, 0)?;
    stage.up(link);
    while stage.commit() {}
    Some(())
}
