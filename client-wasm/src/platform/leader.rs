//! One tab leads: it alone reads and writes the records and talks to the network.
//!
//! The lead is a Web Lock named after the page's folder, so two copies of the app in different
//! folders of one host do not meet. A tab that wants the lead asks for it over a broadcast channel;
//! the leader writes what it has, lets go and says so, and the other then *steals* the lock, which
//! gets it before any tab that merely waits. A leader that does not answer loses the lock too.
//! Where there are no locks (an insecure context) every tab that asks gets the lead at once, and the
//! terms in [`super::storage`] end the earlier one at its next write.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

use super::listen::Listener;
use super::task::{Timer, spawn};

/// A leader that has not let go after this long is not asked any longer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

const LET_GO: &str = "let go";
const GONE: &str = "gone";

#[wasm_bindgen]
extern "C" {
    /// Web Locks, which `web-sys` counts as unstable.
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

fn manager() -> Option<LockManager> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// How to ask for the lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Only if nobody has it.
    IfFree,
    /// When nobody has it any more.
    Wait,
    /// Take it from whoever has it.
    Steal,
}

/// The lead, until it is dropped or another tab steals it.
pub struct Lock {
    release: Option<Function>,
    stolen: Rc<Cell<bool>>,
}

impl Lock {
    /// Whether another tab has taken it.
    pub fn is_stolen(&self) -> bool {
        self.stolen.get()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Asks for the lock `name`; `None` when it is not free and was only asked for if free. `stolen`
/// is called when another tab takes it.
pub async fn lock(name: &str, ask: Ask, stolen: impl FnOnce() + 'static) -> Option<Lock> {
    let Some(manager) = manager() else {
        if ask == Ask::Wait {
            // Nobody could say when the other is gone; the person can.
            std::future::pending::<()>().await;
        }
        return Some(Lock {
            release: None,
            stolen: Rc::default(),
        });
    };
    let options = Object::new();
    let option = match ask {
        Ask::IfFree => Some("ifAvailable"),
        Ask::Wait => None,
        Ask::Steal => Some("steal"),
    };
    if let Some(option) = option {
        let _ = Reflect::set(&options, &option.into(), &true.into());
    }
    let (send, receive) = oneshot::channel::<Option<Function>>();
    let send = Cell::new(Some(send));
    let granted = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |lock: JsValue| {
        let Some(send) = send.take() else {
            return JsValue::UNDEFINED;
        };
        if lock.is_null() {
            let _ = send.send(None);
            return JsValue::UNDEFINED;
        }
        // The lock is held until this promise is resolved.
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        match send.send(release) {
            Ok(()) => held.into(),
            // Nobody waits for it any longer.
            Err(_) => JsValue::UNDEFINED,
        }
    });
    let Ok(ended) = manager.request(name, &options, granted.as_ref().unchecked_ref()) else {
        return None;
    };
    let was_stolen = Rc::new(Cell::new(false));
    let flag = Rc::clone(&was_stolen);
    spawn(async move {
        let end = JsFuture::from(ended).await;
        drop(granted);
        if end.is_err() {
            flag.set(true);
            stolen();
        }
    });
    let release = receive.await.ok()??;
    Some(Lock {
        release: Some(release),
        stolen: was_stolen,
    })
}

/// The broadcast channel between the tabs of one page.
pub struct Tabs {
    channel: Option<BroadcastChannel>,
    _listener: Option<Listener>,
}

impl Tabs {
    /// Opens the channel `name`; `asked` is called when another tab wants the lead.
    pub fn listen(name: &str, asked: impl Fn() + 'static) -> Self {
        Self::open(name, move |word| {
            if word == LET_GO {
                asked();
            }
        })
    }

    fn open(name: &str, hear: impl Fn(&str) + 'static) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        let listener = channel.as_ref().map(|channel| {
            Listener::new(channel.clone(), "message", move |event| {
                let data = event.unchecked_ref::<MessageEvent>().data();
                if let Some(word) = data.as_string() {
                    hear(&word);
                }
            })
        });
        Self {
            channel,
            _listener: listener,
        }
    }

    fn say(&self, word: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&word.into());
        }
    }

    /// Tells the tab that asked that this one let go.
    pub fn say_gone(&self) {
        self.say(GONE);
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}

/// Asks the leading tab to let go, and waits until it has or has not answered for two seconds.
pub async fn ask_to_let_go(name: &str) {
    let (send, receive) = oneshot::channel::<()>();
    let send = Rc::new(RefCell::new(Some(send)));
    let also = Rc::clone(&send);
    let tabs = Tabs::open(name, move |word| {
        if word == GONE
            && let Some(send) = also.take()
        {
            let _ = send.send(());
        }
    });
    let _timer = Timer::new(ANSWER_TIMEOUT, move || {
        if let Some(send) = send.take() {
            let _ = send.send(());
        }
    });
    tabs.say(LET_GO);
    let _ = receive.await;
}
