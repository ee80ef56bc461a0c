//! What a page shows of the routes to a supernode.

use alloc::string::String;

use crate::peer::io::Trouble;

/// One way to a supernode, and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteView {
    /// As it stands in invites.
    pub text: String,
    /// Host and port, or empty.
    pub host: String,
    /// By WebRTC-direct, not by WebSocket.
    pub is_direct: bool,
    /// The session goes by it.
    pub in_use: bool,
    /// What was wrong when it was tried last.
    pub problem: Option<RouteProblem>,
}

/// Why a route does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteProblem {
    /// The browser did not get through.
    Trouble(Trouble),
    /// Who answers has another key.
    WrongKey,
    /// It ended before the supernode had proved its key.
    Refused,
}
