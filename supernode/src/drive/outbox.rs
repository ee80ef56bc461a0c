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

/// What became of a frame that was put into an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// Nothing waited: it wants a [flush](Outbox::flush).
    First,
    /// It goes with what waits, or it was swallowed after an ending.
    Behind,
    /// The outbox was full: the connection ends as [`Ending::TooSlow`].
    TooMuch,
}

/// Takes frames for one connection, whatever carries it. Never blocks.
pub trait Outbox: Send + Sync {
    /// Adds a frame, to go out with the next [`Self::flush`].
    fn push(&self, frame: &[u8]) -> Pushed;

    /// Sends as much as goes without waiting; the connection's own task sees to the rest.
    fn flush(&self);

    /// Ends the connection after what waits.
    fn end(&self, ending: Ending);
}
