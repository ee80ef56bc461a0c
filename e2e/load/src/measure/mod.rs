//! What is measured, the same for every server.

pub mod deposits;
pub mod drain;
pub mod routing;
