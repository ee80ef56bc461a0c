//! A data channel to another page, and [to a supernode](direct).
//!
//! One connection carries one ordered, reliable channel that both sides know beforehand, so nothing
//! about it is negotiated in band. [`negotiation`] agrees on the connection, [`probe`] decides when
//! the channel works, [`outbox`] keeps the browser's buffer small, [`health`] repairs or gives up,
//! [`path`] and [`binding`] say what the core wants to know about it.
//!
//! Not here: how steps of the negotiation reach the other page (the core seals and sends them).

mod binding;
mod configuration;
pub mod direct;
mod health;
mod negotiation;
mod outbox;
mod path;
mod probe;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use health::{Act, Health, Ice};
use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use negotiation::{Negotiation, Step};
use outbox::Outbox;
use probe::{Heard, Probe};
use shared::base::limits::CHANNEL_BYTES_MAX;
use shared::peer::ice::Ice as Ways;
use shared::signalling::wire::RtcSignal;
use wasm_bindgen::JsCast;
use web_sys::{
    Event, EventTarget, MessageEvent, RtcDataChannel, RtcDataChannelInit, RtcDataChannelState,
    RtcDataChannelType, RtcIceConnectionState, RtcPeerConnection, RtcPeerConnectionIceEvent,
    RtcPeerConnectionState,
};

use super::intl::now;
use super::link::{LinkEvent, OnEvent};
use super::listen::Listener;
use super::task::{Timer, sleep, spawn};

const LABEL: &str = "kith";
const ID: u16 = 0;
/// Messages kept while the path is being asked for, which takes milliseconds.
const EARLY_MESSAGES_MAX: usize = 256;

/// Whether this browser has WebRTC.
pub fn supported() -> bool {
    Reflect::get(&js_sys::global(), &"RTCPeerConnection".into()).is_ok_and(|it| it.is_function())
}

/// An open or opening channel. Dropping it closes it.
#[derive(Clone)]
pub struct Channel(Rc<Inner>);

struct Inner {
    connection: RtcPeerConnection,
    channel: RtcDataChannel,
    on: OnEvent,
    negotiation: Rc<Negotiation>,
    probe: RefCell<Probe>,
    outbox: RefCell<Outbox>,
    health: RefCell<Health>,
    stage: Cell<Stage>,
    relayed: Cell<bool>,
    relay_only: Cell<bool>,
    /// What came before [`LinkEvent::Up`] was told.
    early: RefCell<Vec<Vec<u8>>>,
    timer: RefCell<Option<Timer>>,
    listeners: RefCell<Vec<Listener>>,
}

/// | | messages in | messages out |
/// |---|---|---|
/// | opening | probe only | probe only |
/// | measuring: it works, its path is being asked for | kept | none |
/// | up | told | sent |
/// | down | none | none |
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Measuring,
    Up,
    Down,
}

/// Begins a channel; the impolite side makes the offer. `None` when the browser refuses.
pub fn open(polite: bool, ways: &Ways, on: OnEvent) -> Option<Channel> {
    let connection = RtcPeerConnection::new_with_configuration(&configuration::of(ways)).ok()?;
    let init = RtcDataChannelInit::new();
    init.set_negotiated(true);
    init.set_id(ID);
    init.set_ordered(true);
    let channel = connection.create_data_channel_with_data_channel_dict(LABEL, &init);
    channel.set_binary_type(RtcDataChannelType::Arraybuffer);
    channel.set_buffered_amount_low_threshold(outbox::LOW_BYTES);
    let inner = Rc::new(Inner {
        connection,
        channel,
        on,
        negotiation: Rc::new(Negotiation::new(polite)),
        probe: RefCell::default(),
        outbox: RefCell::default(),
        health: RefCell::new(Health::new(now())),
        stage: Cell::new(Stage::Opening),
        relayed: Cell::new(false),
        relay_only: Cell::new(ways.relay_only),
        early: RefCell::default(),
        timer: RefCell::default(),
        listeners: RefCell::default(),
    });
    inner.listen();
    inner.arm();
    Some(Channel(inner))
}

impl Channel {
    /// Sends one message of 2 to [`CHANNEL_BYTES_MAX`] bytes; any other is refused.
    pub fn send(&self, message: Vec<u8>) {
        if self.0.stage.get() != Stage::Up || !(2..=CHANNEL_BYTES_MAX).contains(&message.len()) {
            return;
        }
        let pushed = self.0.outbox.borrow_mut().push(message);
        match pushed {
            Ok(()) => self.0.flush(),
            Err(outbox::Overflow) => self.0.end(),
        }
    }

    /// Takes a step of the other side.
    pub fn signal(&self, signal: RtcSignal) {
        // The other side begins ICE anew, which may end on another way.
        if matches!(signal, RtcSignal::Offer(_)) && self.0.stage.get() == Stage::Up {
            self.0.look_at_path();
        }
        self.0.step(Step::Remote(signal));
    }

    /// From now on it is to be made so; one that need not go round any more looks for a straight way.
    pub fn configure(&self, ways: &Ways) {
        let inner = &self.0;
        let connection = &inner.connection;
        // Fails once it is closed.
        let _ = connection.set_configuration_with_configuration(&configuration::of(ways));
        let freed = inner.relay_only.replace(ways.relay_only) && !ways.relay_only;
        if freed && inner.stage.get() != Stage::Opening {
            negotiation::restart_ice(connection);
            inner.look_at_path();
        }
    }

    /// Closes it; nothing more is told.
    pub fn close(&self) {
        self.0.stage.set(Stage::Down);
        self.0.timer.take();
        self.0.close();
    }

    /// The device has another network, or one again.
    pub fn network_changed(&self) {
        let act = self.0.health.borrow_mut().network_changed(now());
        self.0.act(act);
    }
}

impl Inner {
    fn listen(self: &Rc<Self>) {
        let listen = |target: &EventTarget, kind, act: fn(&Rc<Self>, &Event)| {
            let inner = Rc::downgrade(self);
            Listener::new(target.clone(), kind, move |event| {
                if let Some(inner) = Weak::upgrade(&inner)
                    && inner.stage.get() != Stage::Down
                {
                    act(&inner, &event);
                }
            })
        };
        let (connection, channel) = (&self.connection, &self.channel);
        self.listeners.replace(vec![
            listen(connection, "negotiationneeded", |inner, _| {
                inner.step(Step::Offer)
            }),
            listen(connection, "icecandidate", Self::candidate),
            listen(connection, "iceconnectionstatechange", |inner, _| {
                inner.ice_changed()
            }),
            listen(connection, "connectionstatechange", |inner, _| {
                inner.state_changed()
            }),
            listen(channel, "open", |inner, _| inner.raw_send(&probe::FIRST)),
            listen(channel, "message", Self::receive),
            listen(channel, "bufferedamountlow", |inner, _| inner.flush()),
            listen(channel, "close", |inner, _| inner.end()),
        ]);
    }

    fn step(self: &Rc<Self>, step: Step) {
        if !self.negotiation.push(step) {
            return;
        }
        // A closed connection may never answer, so what awaits it must not keep this alive.
        let inner = Rc::downgrade(self);
        let negotiation = Rc::clone(&self.negotiation);
        let connection = self.connection.clone();
        spawn(async move {
            while let Some(signal) = negotiation.step(&connection).await {
                let Some(inner) = Weak::upgrade(&inner) else {
                    break;
                };
                if inner.stage.get() == Stage::Down {
                    break;
                }
                if let Some(signal) = signal {
                    (inner.on)(LinkEvent::Signal(signal));
                }
            }
        });
    }

    fn candidate(self: &Rc<Self>, event: &Event) {
        let event = event.unchecked_ref::<RtcPeerConnectionIceEvent>();
        if let Some(candidate) = event.candidate() {
            (self.on)(LinkEvent::Signal(RtcSignal::Candidate {
                candidate: candidate.candidate(),
                mid: candidate.sdp_mid(),
                line: candidate.sdp_m_line_index(),
            }));
        }
    }

    fn ice_changed(self: &Rc<Self>) {
        let ice = match self.connection.ice_connection_state() {
            RtcIceConnectionState::Connected | RtcIceConnectionState::Completed => Ice::Connected,
            RtcIceConnectionState::Disconnected => Ice::Disconnected,
            RtcIceConnectionState::Failed => Ice::Failed,
            _ => Ice::Trying,
        };
        let act = self.health.borrow_mut().ice(now(), ice);
        self.act(act);
        if ice == Ice::Connected && self.stage.get() == Stage::Up {
            self.measure();
        }
    }

    /// ICE's own failures are repaired; a failure beside them (DTLS) is final.
    fn state_changed(&self) {
        if self.connection.connection_state() == RtcPeerConnectionState::Failed
            && self.connection.ice_connection_state() != RtcIceConnectionState::Failed
        {
            self.end();
        }
    }

    fn receive(self: &Rc<Self>, event: &Event) {
        let data = event.unchecked_ref::<MessageEvent>().data();
        let Ok(buffer) = data.dyn_into::<ArrayBuffer>() else {
            return self.end();
        };
        if buffer.byte_length() as usize > CHANNEL_BYTES_MAX {
            return self.end();
        }
        let message = Uint8Array::new(&buffer).to_vec();
        let heard = self.probe.borrow_mut().hear(&message);
        match heard {
            Heard::Message if self.stage.get() == Stage::Up => {
                (self.on)(LinkEvent::Received(message));
            }
            Heard::Message if self.early.borrow().len() < EARLY_MESSAGES_MAX => {
                self.early.borrow_mut().push(message);
            }
            Heard::Message => return self.end(),
            Heard::Answer(answer) => self.raw_send(&answer),
            Heard::Nothing => {}
        }
        if self.stage.get() == Stage::Opening && self.probe.borrow().works() {
            self.stage.set(Stage::Measuring);
            self.health.borrow_mut().works();
            self.arm();
            self.measure();
        }
    }

    /// Looks at the path for a while.
    fn look_at_path(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        spawn(async move {
            for pause in path::LOOKS {
                sleep(pause).await;
                match Weak::upgrade(&inner) {
                    Some(inner) if inner.stage.get() == Stage::Up => inner.measure(),
                    _ => return,
                }
            }
        });
    }

    /// Asks for the path, and tells it when it is new.
    fn measure(self: &Rc<Self>) {
        let inner = Rc::downgrade(self);
        let connection = self.connection.clone();
        spawn(async move {
            let relayed = path::is_relayed(&connection).await.unwrap_or(false);
            let Some(inner) = Weak::upgrade(&inner) else {
                return;
            };
            let before = inner.relayed.replace(relayed);
            match inner.stage.get() {
                Stage::Measuring => inner.up(relayed),
                Stage::Up if before != relayed => (inner.on)(LinkEvent::Path { relayed }),
                _ => {}
            }
        });
    }

    fn up(&self, relayed: bool) {
        self.stage.set(Stage::Up);
        let sdp = |description: Option<web_sys::RtcSessionDescription>| {
            description
                .map(|description| description.sdp())
                .unwrap_or_default()
        };
        let mine = sdp(self.connection.local_description());
        let theirs = sdp(self.connection.remote_description());
        (self.on)(LinkEvent::Up {
            binding: binding::of(&mine, &theirs),
            relayed,
        });
        for message in self.early.take() {
            if self.stage.get() == Stage::Up {
                (self.on)(LinkEvent::Received(message));
            }
        }
    }

    fn raw_send(&self, message: &[u8]) {
        if self.channel.ready_state() == RtcDataChannelState::Open
            && self.channel.send_with_u8_array(message).is_err()
        {
            self.end();
        }
    }

    fn flush(&self) {
        loop {
            let buffered = self.channel.buffered_amount() as usize;
            let Some(message) = self.outbox.borrow_mut().next(buffered) else {
                return;
            };
            self.raw_send(&message);
        }
    }

    fn act(self: &Rc<Self>, act: Act) {
        match act {
            Act::GiveUp => return self.end(),
            Act::Restart => {
                negotiation::restart_ice(&self.connection);
                self.look_at_path();
            }
            Act::Wait => {}
        }
        self.arm();
    }

    fn arm(self: &Rc<Self>) {
        let timer = self.health.borrow().next().map(|at| {
            let inner = Rc::downgrade(self);
            Timer::new(at.since(now()), move || {
                if let Some(inner) = Weak::upgrade(&inner) {
                    let act = inner.health.borrow_mut().check(now());
                    inner.act(act);
                }
            })
        });
        self.timer.replace(timer);
    }

    fn end(&self) {
        if self.stage.replace(Stage::Down) != Stage::Down {
            self.timer.take();
            self.close();
            (self.on)(LinkEvent::Down(None));
        }
    }

    fn close(&self) {
        self.channel.close();
        self.connection.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.listeners.borrow_mut().clear();
        self.close();
    }
}
