//! The open links, by the core's names for them.

use shared::base::sorted::SortedMap;
use std::cell::RefCell;

use shared::base::effects::LinkId;
use shared::peer::io::{Outgoing, Target};

use crate::platform::link::OnEvent;
use crate::platform::webrtc::direct::{self, Direct};
use crate::platform::webrtc::{self, Channel};
use crate::platform::websocket::{self, Socket};

#[derive(Clone)]
enum Link {
    Socket(Socket),
    Channel(Channel),
    Direct(Direct),
}

impl Link {
    fn close(&self) {
        match self {
            Self::Socket(socket) => socket.close(),
            Self::Channel(channel) => channel.close(),
            Self::Direct(channel) => channel.close(),
        }
    }
}

/// Every link that was dialled and has not ended.
#[derive(Default)]
pub struct Links(RefCell<SortedMap<LinkId, Link>>);

/// The target cannot be dialled from here.
pub struct Undialable;

impl Links {
    /// Opens a link; `on` hears what becomes of it.
    ///
    /// # Errors
    /// [`Undialable`].
    pub fn dial(&self, id: LinkId, target: Target, on: OnEvent) -> Result<(), Undialable> {
        let link = match target {
            Target::Supernode { route } => match route.direct() {
                Some(route) if webrtc::supported() => direct::dial(route, on).map(Link::Direct),
                _ => websocket::dial(&route, on).map(Link::Socket),
            },
            Target::Page { polite, ice } => webrtc::open(polite, &ice, on).map(Link::Channel),
        };
        let before = self.0.borrow_mut().insert(id, link.ok_or(Undialable)?);
        if let Some(before) = before {
            before.close();
        }
        Ok(())
    }

    /// Sends on a link; one that has ended swallows it.
    pub fn send(&self, id: LinkId, what: Outgoing) {
        // The link may end while it sends, so the map must be free.
        let link = self.0.borrow().get(&id).cloned();
        match (link, what) {
            (Some(Link::Socket(socket)), Outgoing::Message(bytes)) => socket.send(&bytes),
            (Some(Link::Direct(channel)), Outgoing::Message(bytes)) => channel.send(&bytes),
            (Some(Link::Channel(channel)), Outgoing::Message(bytes)) => channel.send(bytes),
            (Some(Link::Channel(channel)), Outgoing::Signal(signal)) => channel.signal(signal),
            (Some(Link::Channel(channel)), Outgoing::Ice(ice)) => channel.configure(&ice),
            (Some(Link::Socket(_) | Link::Direct(_)), Outgoing::Signal(_) | Outgoing::Ice(_))
            | (None, _) => {}
        }
    }

    /// Closes a link; nothing more is heard of it.
    pub fn hang_up(&self, id: LinkId) {
        let link = self.0.borrow_mut().remove(&id);
        if let Some(link) = link {
            link.close();
        }
    }

    /// Closes all links, and gives their names.
    pub fn hang_up_all(&self) -> Vec<LinkId> {
        let links = self.0.take();
        links.values().for_each(Link::close);
        links.into_iter().map(|(link, _)| link).collect()
    }

    /// The device has another network, or one again.
    pub fn network_changed(&self) {
        let links: Vec<Link> = self.0.borrow().values().cloned().collect();
        for link in links {
            if let Link::Channel(channel) = link {
                channel.network_changed();
            }
        }
    }
}
