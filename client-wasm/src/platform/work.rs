//! Heavy work in pieces, with a turn for everything else between two of them.
//!
//! The turn is a message to oneself: browsers hold back the timers of a tab that is not in front, to one a
//! second and less, but not its messages.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use shared::gates::work::{Puzzle, Work};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, window};

/// Longest piece, in milliseconds: half a frame, so that nobody sees a stutter.
const PIECE_MS: f64 = 8.0;
/// Numbers tried between two looks at the clock: less than a millisecond on a slow phone.
const LOOK_AFTER: u32 = 256;

/// Tries `tries` numbers from `from` on.
pub async fn solve(puzzle: &Puzzle, from: u64, tries: u32) -> Option<Work> {
    let turns = Turns::new()?;
    let mut tried = 0;
    while tries > tried {
        turns.next().await;
        let end = now() + PIECE_MS;
        while tries > tried && now() < end {
            let step = LOOK_AFTER.min(tries - tried);
            let found = puzzle.solve(from.wrapping_add(u64::from(tried)), step);
            if found.is_some() {
                return found;
            }
            tried += step;
        }
    }
    None
}

/// Milliseconds of a clock that nobody sets.
fn now() -> f64 {
    window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

/// A channel to oneself.
struct Turns {
    channel: MessageChannel,
    waiting: Rc<RefCell<Option<oneshot::Sender<()>>>>,
    _closure: Closure<dyn FnMut()>,
}

impl Turns {
    fn new() -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let waiting = Rc::new(RefCell::new(None::<oneshot::Sender<()>>));
        let closure = {
            let waiting = Rc::clone(&waiting);
            Closure::<dyn FnMut()>::new(move || {
                if let Some(waiting) = waiting.take() {
                    let _ = waiting.send(());
                }
            })
        };
        channel
            .port1()
            .set_onmessage(Some(closure.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            waiting,
            _closure: closure,
        })
    }

    /// Comes back after everything that waits.
    async fn next(&self) {
        let (send, receive) = oneshot::channel();
        self.waiting.replace(Some(send));
        if self.channel.port2().post_message(&JsValue::NULL).is_ok() {
            let _ = receive.await;
        }
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.channel.port1().set_onmessage(None);
        self.channel.port1().close();
    }
}
