//! Between the pure core and the browser: owns the [`shared::peer::Peer`], keeps what it wants kept,
//! performs what it wants done, and hands its view to whoever draws.
//!
//! [`tenure`] decides whether this tab leads at all; [`lead`] is the tab while it does; [`queue`]
//! orders commits and effects; [`links`] are the open connections; [`view`] is what can be drawn and
//! [`hooks`] how components read it.
//!
//! Not here: decisions about messages, contacts or paths (the core's), and any browser call
//! (`platform`'s).

mod hooks;
mod lead;
mod links;
mod queue;
mod tenure;
mod view;
mod watchers;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub use hooks::{EngineHandle, use_engine, use_notices, use_view};
use lead::Lead;
use shared::invite::InviteError;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::{Input, Notice, Outcome};
use shared::peer::view::InvitePreview;
pub use tenure::run;
pub use view::{Failure, Phase, Storage, View};
use watchers::{Watch, Watchers};

use crate::platform::intl::now;
use crate::platform::lifecycle::{self, Lifecycle};
use crate::platform::listen::Listener;
use crate::platform::{page, storage};

/// What the page's components talk to.
pub struct Engine {
    view: RefCell<View>,
    watchers: Watchers<View>,
    ears: Watchers<Notice>,
    lead: RefCell<Option<Rc<Lead>>>,
    take_over: RefCell<Option<Rc<dyn Fn()>>>,
    asked_to_persist: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

impl Engine {
    /// An engine that has not begun.
    pub fn new() -> Rc<Self> {
        let engine = Rc::new(Self::of(View::empty(Phase::Starting)));
        let weak = Rc::downgrade(&engine);
        let listeners = lifecycle::listen(move |what| {
            if let Some(engine) = weak.upgrade() {
                engine.lifecycle(what);
            }
        });
        engine.listeners.replace(listeners);
        engine
    }

    fn of(view: View) -> Self {
        Self {
            view: RefCell::new(view),
            watchers: Watchers::default(),
            ears: Watchers::default(),
            lead: RefCell::default(),
            take_over: RefCell::default(),
            asked_to_persist: Cell::new(false),
            listeners: RefCell::default(),
        }
    }

    /// A snapshot of the view.
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Looks at the view.
    pub fn with_view<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&self.view.borrow())
    }

    /// Carries out what a person asks for. What it changed is in the view when this returns.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has changed then.
    pub fn command(&self, command: Command) -> Result<Outcome, CommandError> {
        let lead = self.lead.borrow().clone();
        lead.ok_or(CommandError::NoPersona)?.command(command)
    }

    /// Reads somebody's invite (a code or a whole link) without accepting it.
    ///
    /// # Errors
    /// [`InviteError`].
    pub fn preview(&self, code: &str) -> Result<InvitePreview, InviteError> {
        let lead = self.lead.borrow().clone();
        lead.ok_or(InviteError::Empty)?
            .with_peer(|peer| peer.preview(now(), code))
    }

    /// Brings the lead from another tab to this one.
    pub fn take_over(&self) {
        let take_over = self.take_over.borrow().clone();
        if let Some(take_over) = take_over {
            take_over();
        }
    }

    /// Tries to write what a full disk refused.
    pub fn retry_storage(&self) {
        let lead = self.lead.borrow().clone();
        if let Some(lead) = lead {
            lead.retry_storage();
        }
    }

    /// Calls `watcher` with each new view until the watch is dropped.
    pub fn watch(&self, watcher: impl Fn(&View) + 'static) -> Watch<View> {
        self.watchers.add(watcher)
    }

    /// Calls `ear` with each notice until the watch is dropped.
    pub fn hear(&self, ear: impl Fn(&Notice) + 'static) -> Watch<Notice> {
        self.ears.add(ear)
    }

    fn tell(&self, notice: &Notice) {
        self.ears.call(notice);
    }

    /// Changes the view, and tells the watchers if it is another one now.
    fn change(&self, change: impl FnOnce(&mut View)) {
        let before = self.view();
        let mut after = before.clone();
        change(&mut after);
        // Unchanged slices keep their pointers, which is compared first.
        if before == after {
            return;
        }
        self.view.replace(after.clone());
        page::show_unread(
            after
                .chats
                .iter()
                .filter(|chat| !chat.muted)
                .map(|c| c.unread)
                .sum(),
        );
        if !after.chats.is_empty() && !self.asked_to_persist.replace(true) {
            storage::ask_to_persist();
        }
        self.watchers.call(&after);
    }

    fn enter(&self, view: View, lead: &Rc<Lead>) {
        self.lead.replace(Some(Rc::clone(lead)));
        self.change(|shown| *shown = view);
    }

    fn leave(&self) {
        self.lead.take();
    }

    fn show(&self, phase: Phase) {
        self.change(|view| {
            *view = View {
                phase,
                ..View::empty(phase)
            }
        });
    }

    /// Shows the first screen while the core is on its way.
    fn greet(&self) {
        self.change(|view| {
            *view = View {
                arriving: true,
                ..View::empty(Phase::Welcome)
            }
        });
    }

    fn on_take_over(&self, act: impl Fn() + 'static) {
        self.take_over.replace(Some(Rc::new(act)));
    }

    fn lifecycle(&self, what: Lifecycle) {
        if what == Lifecycle::Thawed {
            return lifecycle::reload();
        }
        if let Lifecycle::Network { online } = what {
            self.change(|view| view.browser_offline = !online);
        }
        let lead = self.lead.borrow().clone();
        let Some(lead) = lead else { return };
        match what {
            Lifecycle::Network { online } => lead.input(Input::NetworkChanged { online }),
            Lifecycle::Visible(visible) => {
                lead.input(Input::Visible(visible));
                lead.look_at_clock();
            }
            Lifecycle::Closing => lead.input(Input::Closing),
            Lifecycle::Thawed => {}
        }
    }
}
