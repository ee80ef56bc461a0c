//! The path in words.

use crate::i18n::t;
use shared::peer::view::{Connection, Path};

/// What the line under a contact's name says.
pub fn path_words(connection: &Connection, name: &str, pending: bool) -> String {
    match connection.path {
        Path::Offline if connection.waiting > 0 => {
            t::connection_offline_waiting(u64::from(connection.waiting))
        }
        Path::Offline => t::connection_offline().to_owned(),
        Path::Direct => t::connection_direct().to_owned(),
        Path::Relayed => t::connection_relayed().to_owned(),
        Path::Supernode if pending => t::connection_pending(name),
        Path::Supernode if connection.peer_online && connection.lacks_relay => {
            t::connection_no_relay().to_owned()
        }
        Path::Supernode if connection.peer_online => t::connection_finding().to_owned(),
        Path::Supernode => {
            if connection.at_supernode > 0 {
                let copies = u64::from(connection.copies.max(1));
                t::connection_safe(copies, name, u64::from(connection.at_supernode))
            } else {
                t::connection_away(u64::from(connection.homes_reachable.max(1)), name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(path: Path) -> Connection {
        Connection {
            path,
            peer_online: false,
            waiting: 0,
            at_supernode: 0,
            copies: 2,
            homes_reachable: 2,
            homes: 2,
            via: None,
            rtt_ms: None,
            encrypted_since: None,
            address_visible: false,
            lacks_relay: false,
            keep: None,
        }
    }

    #[test]
    fn an_absent_friend_leaves_no_doubt_where_the_message_is() {
        let mut away = connection(Path::Supernode);
        assert_eq!(
            path_words(&away, "Ben", false),
            "Ben is away. Messages wait at 2 supernodes."
        );
        away.at_supernode = 1;
        assert_eq!(
            path_words(&away, "Ben", false),
            "Ben is away. Your message is safe at 2 supernodes."
        );
        (away.at_supernode, away.copies) = (3, 1);
        assert_eq!(
            path_words(&away, "Ben", false),
            "Ben is away. Your messages are safe at a supernode."
        );
    }

    #[test]
    fn without_a_relay_nobody_is_said_to_be_connecting() {
        let mut here = connection(Path::Supernode);
        here.peer_online = true;
        assert_eq!(
            path_words(&here, "Ben", false),
            "Connecting. Messages already arrive."
        );
        here.lacks_relay = true;
        assert_eq!(
            path_words(&here, "Ben", false),
            "No relay right now. Messages travel by mailbox."
        );
    }

    #[test]
    fn offline_says_what_happens_next() {
        let mut offline = connection(Path::Offline);
        offline.waiting = 1;
        assert_eq!(
            path_words(&offline, "Ben", false),
            "Not connected. 1 message is sent when you are back."
        );
    }
}
