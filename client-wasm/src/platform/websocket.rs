//! A WebSocket to a supernode: binary messages only.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use js_sys::{ArrayBuffer, Uint8Array};
use shared::base::limits::FRAME_BYTES_MAX;
use shared::peer::io::Trouble;
use shared::session::route::{Route, Scheme};
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, MessageEvent, Url, WebSocket};

use super::link::{LinkEvent, OnEvent};
use super::listen::Listener;
use super::task::Timer;

/// How long a socket may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes the browser may hold for a socket that does not drain; beyond it the link counts as dead.
const BUFFERED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// An open or opening socket. Dropping it closes it.
#[derive(Clone)]
pub struct Socket(Rc<Inner>);

struct Inner {
    socket: WebSocket,
    on: OnEvent,
    down: Cell<bool>,
    opening: RefCell<Option<Timer>>,
    listeners: RefCell<Vec<Listener>>,
}

/// Dials `route`; `None` when it cannot be dialled from here at all.
pub fn dial(route: &Route, on: OnEvent) -> Option<Socket> {
    if !may_dial(route) {
        return None;
    }
    let socket = WebSocket::new(route.as_str()).ok()?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let inner = Rc::new(Inner {
        socket: socket.clone(),
        on,
        down: Cell::new(false),
        opening: RefCell::default(),
        listeners: RefCell::default(),
    });
    let listen = |kind, act: fn(&Inner, &web_sys::Event)| {
        let inner = Rc::downgrade(&inner);
        Listener::new(socket.clone(), kind, move |event| {
            if let Some(inner) = Weak::upgrade(&inner) {
                act(&inner, &event);
            }
        })
    };
    let listeners = vec![
        listen("open", |inner, _| inner.open()),
        listen("message", Inner::receive),
        listen("close", |inner, _| inner.end()),
        listen("error", |inner, _| inner.end()),
    ];
    inner.listeners.replace(listeners);
    let waiting = Rc::downgrade(&inner);
    let timer = Timer::new(OPEN_TIMEOUT, move || {
        if let Some(inner) = waiting.upgrade() {
            inner.end();
        }
    });
    inner.opening.replace(Some(timer));
    Some(Socket(inner))
}

/// Browsers refuse `ws:` from a page on `https:` except to this machine.
fn may_dial(route: &Route) -> bool {
    match route.scheme() {
        Scheme::Wss => true,
        Scheme::Ws => {
            let page = web_sys::window().and_then(|window| window.location().protocol().ok());
            page.as_deref() != Some("https:")
                || Url::new(route.as_str()).is_ok_and(|url| is_this_machine(&url.hostname()))
        }
        Scheme::Direct | Scheme::Unknown => false,
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

impl Socket {
    /// Sends one message.
    pub fn send(&self, bytes: &[u8]) {
        let inner = &self.0;
        if inner.down.get() {
            return;
        }
        let buffered = usize::try_from(inner.socket.buffered_amount()).unwrap_or(usize::MAX);
        if buffered.saturating_add(bytes.len()) > BUFFERED_BYTES_MAX
            || inner.socket.send_with_u8_array(bytes).is_err()
        {
            inner.end();
        }
    }

    /// Closes it; nothing more is told.
    pub fn close(&self) {
        self.0.down.set(true);
        self.0.opening.take();
        let _ = self.0.socket.close();
    }
}

impl Inner {
    fn open(&self) {
        if self.down.get() {
            return;
        }
        self.opening.take();
        (self.on)(LinkEvent::Up {
            binding: Vec::new(),
            relayed: false,
        });
    }

    fn receive(&self, event: &web_sys::Event) {
        if self.down.get() {
            return;
        }
        let data = event.unchecked_ref::<MessageEvent>().data();
        match data.dyn_into::<ArrayBuffer>() {
            Ok(buffer) if buffer.byte_length() as usize <= FRAME_BYTES_MAX => {
                (self.on)(LinkEvent::Received(Uint8Array::new(&buffer).to_vec()));
            }
            // Text, or more than a frame may hold: not a supernode.
            _ => self.end(),
        }
    }

    fn end(&self) {
        if !self.down.replace(true) {
            let _ = self.socket.close();
            let never_opened = self.opening.take().is_some();
            (self.on)(LinkEvent::Down(never_opened.then_some(Trouble::NoAnswer)));
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Fails only for a close code, and there is none.
        let _ = self.socket.close();
    }
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_this_machine_is_dialled_in_the_clear_from_a_secure_page() {
        assert!(is_this_machine("localhost"));
        assert!(is_this_machine("127.0.0.1"));
        assert!(!is_this_machine("192.0.2.1"));
        assert!(!is_this_machine("localhost.example"));
    }
}
