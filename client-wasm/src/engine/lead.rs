//! A tab that leads: the core, what it wants kept, and what it wants done.
//!
//! The way of one input: the core handles it at once; its writes join the queue; when they are
//! committed, its effects are performed in order, so nothing is sent or acknowledged before it is
//! kept. What a person sees does not wait for the disk: the slices that an input named are drawn at
//! once when it is a command or nothing else is being written, and otherwise with the commit, so
//! that a flood of messages is drawn as often as the disk turns and not for each of them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Duration;

use shared::base::effects::{Batch, Effect, LinkId};
use shared::base::time::Timestamp;
use shared::peer::Peer;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::{Input, Job, Notice, Outcome, Outgoing, PeerEffects, Target, Trouble};
use shared::peer::view::Changed;

use super::Engine;
use super::links::Links;
use super::queue::WriteQueue;
use super::tenure::{End, Why};
use super::view::Storage;
use crate::platform::intl::now;
use crate::platform::link::LinkEvent;
use crate::platform::random::BrowserRandom;
use crate::platform::storage::{StorageError, Store};
use crate::platform::task::{Timer, sleep, spawn};
use crate::platform::work;

/// A refused write is tried again after this long without anybody asking.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// How often an ending lead looks whether everything is written, and how often at most.
const FLUSH_LOOK: Duration = Duration::from_millis(10);
const FLUSH_LOOKS: u32 = 100;

type PeerEffect = Effect<Outgoing, Target, Job, Notice>;

/// See the module.
pub struct Lead {
    engine: Weak<Engine>,
    end: End,
    peer: RefCell<Peer>,
    store: Store,
    queue: RefCell<WriteQueue<PeerEffect>>,
    /// What may be done now; filled while something of it is being done.
    ready: RefCell<VecDeque<PeerEffect>>,
    performing: Cell<bool>,
    changed: RefCell<BTreeSet<Changed>>,
    links: Links,
    timer: RefCell<Option<(Timestamp, Timer)>>,
    retry: RefCell<Option<Timer>>,
    /// Too much waits for a full disk: the network is cut until there is room.
    stalled: Cell<bool>,
    over: Cell<bool>,
}

impl Lead {
    /// A lead that begins with `peer`, as it was loaded from `store`.
    pub fn new(engine: &Rc<Engine>, end: End, peer: Peer, store: Store) -> Rc<Self> {
        Rc::new(Self {
            engine: Rc::downgrade(engine),
            end,
            peer: RefCell::new(peer),
            store,
            queue: RefCell::default(),
            ready: RefCell::default(),
            performing: Cell::new(false),
            changed: RefCell::default(),
            links: Links::default(),
            timer: RefCell::default(),
            retry: RefCell::default(),
            stalled: Cell::new(false),
            over: Cell::new(false),
        })
    }

    /// Looks at the core.
    pub fn with_peer<T>(&self, look: impl FnOnce(&Peer) -> T) -> T {
        look(&self.peer.borrow())
    }

    /// Carries out a command, and draws what it changed.
    ///
    /// # Errors
    /// [`CommandError`] from the core; [`CommandError::OutboxFull`] when too much waits for a full
    /// disk. Nothing has changed then.
    pub fn command(self: &Rc<Self>, command: Command) -> Result<Outcome, CommandError> {
        if self.stalled.get() {
            return Err(CommandError::OutboxFull);
        }
        let (result, effects) = self.handle(Input::Command(command));
        self.accept(effects, true);
        result
    }

    /// Takes something that happened.
    pub fn input(self: &Rc<Self>, input: Input) {
        if self.stalled.get() && matches!(input, Input::Tick | Input::NetworkChanged { .. }) {
            return;
        }
        if let Input::NetworkChanged { online: true } = &input {
            self.links.network_changed();
        }
        // Only a command can be refused.
        let (_, effects) = self.handle(input);
        let idle = self.queue.borrow().is_idle();
        self.accept(effects, idle);
    }

    fn handle(self: &Rc<Self>, input: Input) -> (Result<Outcome, CommandError>, PeerEffects) {
        let mut effects = PeerEffects::default();
        if self.over.get() {
            return (Err(CommandError::NoPersona), effects);
        }
        let result = {
            let mut peer = self.peer.borrow_mut();
            peer.handle(now(), &mut BrowserRandom, input, &mut effects)
        };
        self.arm();
        (result, effects)
    }

    fn accept(self: &Rc<Self>, effects: PeerEffects, draw: bool) {
        if draw {
            self.note_changes(&effects.then);
        }
        let now = self.queue.borrow_mut().push(effects.store, effects.then);
        self.perform(now);
        // The write comes first: the disk works while the page draws.
        self.write();
        if draw {
            self.draw();
        }
        if !self.stalled.get() && !self.queue.borrow().has_room() {
            self.stall();
        }
    }

    fn write(self: &Rc<Self>) {
        let batch = self.queue.borrow_mut().begin();
        if let Some(batch) = batch {
            self.write_from(batch);
        }
    }

    /// Writes `batch` and whatever came meanwhile, until nothing is left.
    fn write_from(self: &Rc<Self>, batch: Rc<Batch>) {
        let lead = Rc::clone(self);
        spawn(async move {
            let mut batch = batch;
            loop {
                if let Err(error) = lead.store.apply(&batch).await {
                    return lead.refused(error);
                }
                lead.kept();
                let effects = lead.queue.borrow_mut().committed();
                lead.perform(effects);
                let next = lead.queue.borrow_mut().begin();
                match next {
                    Some(next) => batch = next,
                    None => return,
                }
            }
        });
    }

    fn kept(self: &Rc<Self>) {
        self.retry.take();
        if self.stalled.get() && self.queue.borrow().has_room() {
            self.stalled.set(false);
            self.arm();
        }
        self.set_storage(Storage::Kept);
    }

    fn refused(self: &Rc<Self>, error: StorageError) {
        self.queue.borrow_mut().failed();
        match error {
            StorageError::Taken => self.end.tell(Why::Taken),
            StorageError::Gone => self.end.tell(Why::Gone),
            StorageError::Full | StorageError::Forbidden | StorageError::Other => {
                self.set_storage(Storage::Full);
                let lead = Rc::downgrade(self);
                let timer = Timer::new(RETRY_AFTER, move || {
                    if let Some(lead) = Weak::upgrade(&lead) {
                        lead.retry_storage();
                    }
                });
                self.retry.replace(Some(timer));
            }
        }
    }

    /// Tries a refused write again.
    pub fn retry_storage(self: &Rc<Self>) {
        let batch = self.queue.borrow_mut().retry();
        if let Some(batch) = batch {
            self.write_from(batch);
        }
    }

    /// Whatever more came over the network would be lost with this tab, so it is left where it is.
    fn stall(self: &Rc<Self>) {
        self.stalled.set(true);
        for link in self.links.hang_up_all() {
            self.input(Input::LinkDown { link });
        }
    }

    fn set_storage(&self, storage: Storage) {
        if let Some(engine) = self.engine.upgrade()
            && engine.with_view(|view| view.storage != storage)
        {
            engine.change(|view| view.storage = storage);
        }
    }

    /// Performs effects in order. Performing one may give rise to more; they come after.
    fn perform(self: &Rc<Self>, effects: Vec<PeerEffect>) {
        if effects.is_empty() {
            return;
        }
        self.ready.borrow_mut().extend(effects);
        if self.performing.replace(true) {
            return;
        }
        loop {
            let effect = self.ready.borrow_mut().pop_front();
            let Some(effect) = effect else { break };
            match effect {
                Effect::Send(link, what) => self.links.send(link, what),
                Effect::Dial(link, target) => self.dial(link, target),
                Effect::HangUp(link) => self.links.hang_up(link),
                Effect::Job(job) => self.work(job),
                Effect::Notify(Notice::Changed(changed)) => {
                    self.changed.borrow_mut().insert(changed);
                }
                Effect::Notify(notice) => {
                    if let Some(engine) = self.engine.upgrade() {
                        engine.tell(&notice);
                    }
                }
            }
        }
        self.performing.set(false);
        self.draw();
    }

    fn note_changes(&self, effects: &[PeerEffect]) {
        let mut changed = self.changed.borrow_mut();
        for effect in effects {
            if let Effect::Notify(Notice::Changed(slice)) = effect {
                changed.insert(*slice);
            }
        }
    }

    fn draw(&self) {
        let changed = self.changed.take();
        if let Some(engine) = self.engine.upgrade()
            && !changed.is_empty()
        {
            let peer = self.peer.borrow();
            engine.change(|view| {
                for slice in changed {
                    view.refresh(&peer, slice);
                }
            });
        }
    }

    fn dial(self: &Rc<Self>, id: LinkId, target: Target) {
        let lead = Rc::downgrade(self);
        let on = Rc::new(move |event| {
            if let Some(lead) = Weak::upgrade(&lead) {
                lead.link_event(id, event);
            }
        });
        if self.stalled.get() {
            self.input(Input::LinkDown { link: id });
        } else if self.links.dial(id, target, on).is_err() {
            self.link_event(id, LinkEvent::Down(Some(Trouble::Unable)));
        }
    }

    fn link_event(self: &Rc<Self>, link: LinkId, event: LinkEvent) {
        self.input(match event {
            LinkEvent::Up { binding, relayed } => Input::LinkUp {
                link,
                binding,
                relayed,
            },
            LinkEvent::Path { relayed } => Input::PathChanged { link, relayed },
            LinkEvent::Received(bytes) => Input::Received { link, bytes },
            LinkEvent::Signal(signal) => Input::Signal { link, signal },
            LinkEvent::Down(trouble) => {
                self.links.hang_up(link);
                if let Some(trouble) = trouble {
                    self.input(Input::Trouble { link, trouble });
                }
                Input::LinkDown { link }
            }
        });
    }

    fn work(self: &Rc<Self>, job: Job) {
        let lead = Rc::clone(self);
        spawn(async move {
            match job {
                Job::ReadLast {
                    token,
                    from,
                    to,
                    limit,
                } => match lead.store.read_last(&from, &to, limit).await {
                    Ok(records) => lead.input(Input::Read { token, records }),
                    // Only a closed database refuses reading.
                    Err(_) => lead.end.tell(Why::Gone),
                },
                Job::Work {
                    token,
                    puzzle,
                    from,
                    tries,
                } => {
                    let found = work::solve(&puzzle, from, tries).await;
                    lead.input(Input::Worked { token, found });
                }
            }
        });
    }

    /// Sets the timer for the core's next deadline, unless one that is early enough is set.
    fn arm(self: &Rc<Self>) {
        let deadline = self.peer.borrow().next_deadline().map(|(at, _)| at);
        let Some(at) = deadline.filter(|_| !self.over.get() && !self.stalled.get()) else {
            return;
        };
        if self
            .timer
            .borrow()
            .as_ref()
            .is_some_and(|(set, _)| *set <= at)
        {
            return;
        }
        let lead = Rc::downgrade(self);
        let timer = Timer::new(at.since(now()), move || {
            if let Some(lead) = Weak::upgrade(&lead) {
                lead.timer.take();
                lead.wake(at);
            }
        });
        self.timer.replace(Some((at, timer)));
    }

    /// A timer is over. If the clock has not come as far, it was set back, which the core must hear of.
    fn wake(self: &Rc<Self>, at: Timestamp) {
        if now() < at {
            self.input(Input::Tick);
        } else {
            self.look_at_clock();
        }
    }

    /// Tells the core when its deadline has come; timers are late after sleep and early when capped.
    pub fn look_at_clock(self: &Rc<Self>) {
        let deadline = self.peer.borrow().next_deadline();
        match deadline {
            Some((at, _)) if at <= now() => self.input(Input::Tick),
            _ => self.arm(),
        }
    }

    /// Ends: writes what waits, if the disk takes it, then closes every link. The records are closed
    /// when the last owner of this is dropped.
    pub async fn let_go(self: &Rc<Self>) {
        self.input(Input::Closing);
        self.over.set(true);
        for _ in 0..FLUSH_LOOKS {
            if self.queue.borrow().is_idle() {
                break;
            }
            sleep(FLUSH_LOOK).await;
        }
        self.cut();
    }

    /// Ends at once.
    pub fn cut(&self) {
        self.over.set(true);
        self.timer.take();
        self.retry.take();
        self.links.hang_up_all();
        self.store.close();
    }
}
