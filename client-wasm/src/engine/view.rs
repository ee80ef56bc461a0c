//! What the page draws, in slices that are replaced only when they changed.

use std::rc::Rc;

use shared::peer::Peer;
use shared::peer::view::{
    BlockedView, Changed, ChatSummary, InviteView, Me, Network, OpenChat, PublicView, RequestView,
};

/// How far the page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is known yet; the frame of `index.html` is on the screen.
    Starting,
    /// Nobody has chosen a name here yet.
    Welcome,
    /// Somebody is here.
    Ready,
    /// Another tab leads; [`super::Engine::take_over`] brings the lead here.
    OtherTab,
    /// The browser keeps nothing for this page.
    NoStorage,
    /// It cannot go on.
    Failed(Failure),
}

/// Why the page cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// What is kept here cannot be read.
    Damaged,
    /// The browser took away what was kept here.
    Gone,
    /// There is no room to begin.
    Full,
}

/// Whether what happens is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// It is.
    Kept,
    /// There is no room; everything waits in this tab, and nothing is sent.
    Full,
}

/// People who ask to be let in, and by which address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requests {
    /// Those who wait.
    pub waiting: Vec<RequestView>,
    /// How many may not ask.
    pub refused: u32,
    /// My public address, if I ever opened it.
    pub public: Option<PublicView>,
}

impl Requests {
    fn of(peer: &Peer) -> Self {
        Self {
            waiting: peer.requests(),
            refused: peer.requests_refused(),
            public: peer.public_address(),
        }
    }
}

/// A snapshot; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// How far the page has come.
    pub phase: Phase,
    /// The person here.
    pub me: Option<Rc<Me>>,
    /// All chats, in the order to show them.
    pub chats: Rc<Vec<ChatSummary>>,
    /// The open chat.
    pub chat: Option<Rc<OpenChat>>,
    /// Supernodes and links.
    pub network: Rc<Network>,
    /// Contacts that are blocked.
    pub blocked: Rc<Vec<BlockedView>>,
    /// People who ask to be let in.
    pub requests: Rc<Requests>,
    /// My own invite.
    pub invite: Option<InviteView>,
    /// The browser says that there is no network.
    pub browser_offline: bool,
    /// Whether what happens is kept.
    pub storage: Storage,
    /// This browser has WebRTC.
    pub webrtc: bool,
    /// The core is on its way: a command has to wait.
    pub arriving: bool,
}

impl View {
    /// A page without anything in it.
    pub fn empty(phase: Phase) -> Self {
        Self {
            phase,
            me: None,
            chats: Rc::default(),
            chat: None,
            network: Rc::default(),
            blocked: Rc::default(),
            requests: Rc::default(),
            invite: None,
            browser_offline: false,
            storage: Storage::Kept,
            webrtc: true,
            arriving: false,
        }
    }

    /// Takes every slice from `peer`.
    pub fn fill(&mut self, peer: &Peer) {
        self.refresh_me(peer);
        replace(&mut self.chats, peer.chats());
        replace_option(&mut self.chat, peer.open_chat());
        replace(&mut self.network, peer.network());
        replace(&mut self.blocked, peer.blocked());
    }

    /// Takes the slice that `changed` names from `peer`.
    pub fn refresh(&mut self, peer: &Peer, changed: Changed) {
        match changed {
            Changed::Me => self.refresh_me(peer),
            Changed::Chats => replace(&mut self.chats, peer.chats()),
            Changed::Chat(_) => replace_option(&mut self.chat, peer.open_chat()),
            Changed::Blocked => replace(&mut self.blocked, peer.blocked()),
            Changed::Requests => replace(&mut self.requests, Requests::of(peer)),
            Changed::Network => {
                replace(&mut self.network, peer.network());
                // An invite names the supernodes that can be reached.
                self.invite = peer.invite();
            }
        }
    }

    fn refresh_me(&mut self, peer: &Peer) {
        self.phase = if peer.has_persona() {
            Phase::Ready
        } else {
            Phase::Welcome
        };
        replace_option(&mut self.me, peer.me());
        self.invite = peer.invite();
        // So is my public address, and it has my name.
        replace(&mut self.requests, Requests::of(peer));
    }
}

/// Keeps the old pointer when nothing changed, so that nothing is drawn again.
fn replace<T: PartialEq>(slice: &mut Rc<T>, new: T) {
    if **slice != new {
        *slice = Rc::new(new);
    }
}

fn replace_option<T: PartialEq>(slice: &mut Option<Rc<T>>, new: Option<T>) {
    if slice.as_deref() != new.as_ref() {
        *slice = new.map(Rc::new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_slice_keeps_its_pointer() {
        let mut slice = Rc::new(vec![1]);
        let before = Rc::clone(&slice);
        replace(&mut slice, vec![1]);
        assert!(Rc::ptr_eq(&slice, &before));
        replace(&mut slice, vec![2]);
        assert!(!Rc::ptr_eq(&slice, &before));
        let mut slice = Some(before);
        replace_option(&mut slice, None);
        assert!(slice.is_none());
    }
}
