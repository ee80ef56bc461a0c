//! How messages travel to one contact: the thread, its words, and the details behind it.

mod block;
mod details;
mod thread;
mod words;

pub use details::{Details, words};
pub use thread::thread;
pub use words::path_words;
