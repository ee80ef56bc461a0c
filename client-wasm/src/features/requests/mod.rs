//! People who ask to be let in by my public address: a line above the chats, and a pane to decide in.

mod line;
mod pane;
mod refused;
mod request;

pub use line::RequestsLine;
pub use pane::Requests;
pub use refused::Refused;
