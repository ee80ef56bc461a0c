//! What WebRTC-direct counts.

use std::fmt::Write;

use super::{Number, head};

/// All of it.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Clients now.
    pub clients: Number,
    /// Data channels opened.
    pub opened: Number,
    /// Clients that fell silent or were too slow to open.
    pub lost: Number,
    /// Clients that moved to another address.
    pub moved: Number,
    /// Clients that were not let in.
    pub turned_away: Number,
    /// Datagrams of nobody who knows a route.
    pub strangers: Number,
    /// Datagrams that were dropped because too many waited.
    pub overrun: Number,
    /// Datagrams that the system would not send.
    pub unsent: Number,
}

impl Numbers {
    /// Appends it.
    pub(super) fn write(&self, text: &mut String) {
        let clients = self.clients.get();
        head(
            text,
            "kith_direct_clients",
            "gauge",
            "Clients of WebRTC-direct now.",
        );
        let _ = writeln!(text, "kith_direct_clients {clients}");
        let counters = [
            ("opened", "Data channels opened.", &self.opened),
            (
                "lost",
                "Clients that fell silent, or were too slow.",
                &self.lost,
            ),
            (
                "moved",
                "Clients that moved to another address.",
                &self.moved,
            ),
            (
                "turned_away",
                "Clients that were not let in.",
                &self.turned_away,
            ),
            (
                "strangers",
                "Datagrams of nobody who knows a route.",
                &self.strangers,
            ),
            (
                "overrun",
                "Datagrams dropped because too many waited.",
                &self.overrun,
            ),
            (
                "unsent",
                "Datagrams that the system would not send.",
                &self.unsent,
            ),
        ];
        for (name, help, number) in counters {
            let name = format!("kith_direct_{name}_total");
            head(text, &name, "counter", help);
            let _ = writeln!(text, "{name} {}", number.get());
        }
    }
}
