//! A data channel to a supernode that has no name: dialled by address, known by the hash of its certificate.
//!
//! The browser's offer is used as it is and goes nowhere; the supernode's answer is
//! [written here](shared::direct::answer).

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use shared::base::hash::sha256;
use shared::base::limits::FRAME_BYTES_MAX;
use shared::direct::answer::{answer, fingerprint};
use shared::direct::binding;
use shared::direct::route::DirectRoute;
use shared::peer::io::Trouble;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, EventTarget, MessageEvent, RtcDataChannel, RtcDataChannelInit, RtcDataChannelState,
    RtcDataChannelType, RtcIceConnectionState, RtcPeerConnection, RtcPeerConnectionState,
    RtcSdpType, RtcSessionDescriptionInit,
};

use super::outbox::{self, Outbox};
use crate::platform::link::{LinkEvent, OnEvent};
use crate::platform::listen::Listener;
use crate::platform::task::{Timer, spawn};

/// How long a channel may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long checks may go unanswered before another connection is tried: a supernode that has begun anew
/// does not answer those of the old one.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// An open or opening channel. Dropping it closes it.
#[derive(Clone)]
pub struct Direct(Rc<Inner>);

struct Inner {
    connection: RtcPeerConnection,
    channel: RtcDataChannel,
    route: DirectRoute,
    on: OnEvent,
    outbox: RefCell<Outbox>,
    is_up: Cell<bool>,
    is_down: Cell<bool>,
    opening: RefCell<Option<Timer>>,
    silence: RefCell<Option<Timer>>,
    listeners: RefCell<Vec<Listener>>,
}

/// Dials `route`; `None` when the browser refuses.
pub fn dial(route: DirectRoute, on: OnEvent) -> Option<Direct> {
    let connection = RtcPeerConnection::new().ok()?;
    let init = RtcDataChannelInit::new();
    init.set_negotiated(true);
    init.set_id(shared::direct::STREAM);
    init.set_ordered(true);
    let channel = connection.create_data_channel_with_data_channel_dict(super::LABEL, &init);
    channel.set_binary_type(RtcDataChannelType::Arraybuffer);
    channel.set_buffered_amount_low_threshold(outbox::LOW_BYTES);
    let inner = Rc::new(Inner {
        connection,
        channel,
        route,
        on,
        outbox: RefCell::default(),
        is_up: Cell::new(false),
        is_down: Cell::new(false),
        opening: RefCell::default(),
        silence: RefCell::default(),
        listeners: RefCell::default(),
    });
    inner.listen();
    let waiting = Rc::downgrade(&inner);
    let timer = Timer::new(OPEN_TIMEOUT, move || {
        if let Some(inner) = waiting.upgrade() {
            inner.end();
        }
    });
    inner.opening.replace(Some(timer));
    // A closed connection may never answer, so what awaits it must not keep this alive.
    let (weak, connection) = (Rc::downgrade(&inner), inner.connection.clone());
    spawn(async move {
        if negotiate(&connection, &route).await.is_none()
            && let Some(inner) = Weak::upgrade(&weak)
        {
            inner.end();
        }
    });
    Some(Direct(inner))
}

/// Offers, and answers instead of the supernode.
async fn negotiate(connection: &RtcPeerConnection, route: &DirectRoute) -> Option<()> {
    let offer = JsFuture::from(connection.create_offer()).await.ok()?;
    let set = connection.set_local_description(offer.unchecked_ref());
    JsFuture::from(set).await.ok()?;
    let answer = answer(route, &connection.local_description()?.sdp())?;
    let description = RtcSessionDescriptionInit::new(RtcSdpType::Answer);
    description.set_sdp(&answer);
    let set = connection.set_remote_description(&description);
    JsFuture::from(set).await.ok()?;
    Some(())
}

impl Direct {
    /// Sends one message.
    pub fn send(&self, message: &[u8]) {
        if !self.0.is_up.get() || self.0.is_down.get() {
            return;
        }
        let pushed = self.0.outbox.borrow_mut().push(message.to_vec());
        match pushed {
            Ok(()) => self.0.flush(),
            Err(outbox::Overflow) => self.0.end(),
        }
    }

    /// Closes it; nothing more is told.
    pub fn close(&self) {
        self.0.is_down.set(true);
        self.0.close();
    }
}

impl Inner {
    fn listen(self: &Rc<Self>) {
        let listen = |target: &EventTarget, kind, act: fn(&Rc<Self>, &Event)| {
            let inner = Rc::downgrade(self);
            Listener::new(target.clone(), kind, move |event| {
                if let Some(inner) = Weak::upgrade(&inner)
                    && !inner.is_down.get()
                {
                    act(&inner, &event);
                }
            })
        };
        let (connection, channel) = (&self.connection, &self.channel);
        self.listeners.replace(vec![
            listen(connection, "connectionstatechange", |inner, _| {
                if inner.connection.connection_state() == RtcPeerConnectionState::Failed {
                    inner.end();
                }
            }),
            listen(connection, "iceconnectionstatechange", |inner, _| {
                inner.ice_changed()
            }),
            listen(channel, "open", |inner, _| inner.open()),
            listen(channel, "message", |inner, event| inner.receive(event)),
            listen(channel, "bufferedamountlow", |inner, _| inner.flush()),
            listen(channel, "close", |inner, _| inner.end()),
        ]);
    }

    fn ice_changed(self: &Rc<Self>) {
        let state = self.connection.ice_connection_state();
        let timer = (state == RtcIceConnectionState::Disconnected).then(|| {
            let inner = Rc::downgrade(self);
            Timer::new(SILENCE_MAX, move || {
                if let Some(inner) = inner.upgrade() {
                    inner.end();
                }
            })
        });
        self.silence.replace(timer);
    }

    fn open(&self) {
        if self.is_up.get() {
            return self.flush();
        }
        let mine = self.connection.local_description();
        let mine = mine.and_then(|mine| fingerprint(&mine.sdp()));
        let certificate = seen(&self.connection);
        // The browser has compared them already.
        let is_right = certificate.is_none_or(|seen| seen == self.route.certificate);
        let Some(mine) = mine.filter(|_| is_right) else {
            return self.end();
        };
        self.opening.take();
        self.is_up.set(true);
        (self.on)(LinkEvent::Up {
            binding: binding(&mine, &self.route.certificate),
            relayed: false,
        });
    }

    fn receive(&self, event: &Event) {
        let data = event.unchecked_ref::<MessageEvent>().data();
        match data.dyn_into::<ArrayBuffer>() {
            Ok(buffer) if buffer.byte_length() as usize <= FRAME_BYTES_MAX => {
                // What came before it was said to be open would be lost.
                if !self.is_up.get() {
                    self.open();
                }
                if self.is_down.get() {
                    return;
                }
                (self.on)(LinkEvent::Received(Uint8Array::new(&buffer).to_vec()));
            }
            // Text, or more than a frame may hold: not a supernode.
            _ => self.end(),
        }
    }

    fn flush(&self) {
        while self.channel.ready_state() == RtcDataChannelState::Open {
            let buffered = self.channel.buffered_amount() as usize;
            let Some(message) = self.outbox.borrow_mut().next(buffered) else {
                return;
            };
            if self.channel.send_with_u8_array(&message).is_err() {
                return self.end();
            }
        }
    }

    fn end(&self) {
        if !self.is_down.replace(true) {
            let trouble = (!self.is_up.get()).then(|| self.trouble());
            self.close();
            (self.on)(LinkEvent::Down(trouble));
        }
    }

    /// Why it does not open.
    fn trouble(&self) -> Trouble {
        match self.connection.ice_connection_state() {
            RtcIceConnectionState::New => Trouble::NotBegun,
            RtcIceConnectionState::Connected | RtcIceConnectionState::Completed
                if self.connection.connection_state() == RtcPeerConnectionState::Failed =>
            {
                Trouble::OtherCertificate
            }
            _ => Trouble::NoAnswer,
        }
    }

    fn close(&self) {
        self.opening.take();
        self.silence.take();
        self.channel.close();
        self.connection.close();
    }
}

/// SHA-256 of the certificate that the other side showed; `None` where the browser does not say
/// (Firefox: `getRemoteCertificates` is not there).
fn seen(connection: &RtcPeerConnection) -> Option<[u8; 32]> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let transport = get(&get(connection, "sctp")?, "transport")?;
    let ask = get(&transport, "getRemoteCertificates")?;
    let ask = ask.dyn_into::<js_sys::Function>().ok()?;
    let chain = ask.call0(&transport).ok()?.dyn_into::<Array>().ok()?;
    let first = chain.get(0).dyn_into::<ArrayBuffer>().ok()?;
    Some(sha256(&[&Uint8Array::new(&first).to_vec()]).0)
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.listeners.borrow_mut().clear();
        self.close();
    }
}
