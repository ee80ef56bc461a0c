//! The way from the driver to one connection.

/// Why a connection is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The relay has said why, in a frame that goes out first.
    HungUp,
    /// The supernode shuts down; it has said so.
    Draining,
    /// More waited for it than it may leave waiting. What waits is dropped.
    TooSlow,
}

/// Takes frames for one connection, whatever carries it. Never blocks.
pub trait Outbox: Send + Sync {
    /// Adds a frame, to go out with the next [`Self::flush`]. Returns false when it found the outbox
    /// full: the connection ends as [`Ending::TooSlow`]. After an ending, frames are swallowed.
    fn push(&self, frame: &[u8]) -> bool;

    /// Sends as much as goes without waiting; the connection's own task sees to the rest.
    fn flush(&self);

    /// Ends the connection after what waits.
    fn end(&self, ending: Ending);
}
