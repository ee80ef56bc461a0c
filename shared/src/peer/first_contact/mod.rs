//! First contact: from an invite to one group that both speak in.
//!
//! One sends a *hello* by the other's invite, the other *answers* it with an accept. Either may carry the
//! welcome into a group. Whoever gets a hello that is fresh answers it, whatever they have sent
//! themselves; so two that cross make two groups, and both sides hold both. What is held opens what is
//! said there, so nothing is lost by it; and the rules of [`groups`] bring both to speak in the same one.
//!
//! How far two people have come is a [`phase::Phase`], read off the contact's record. What may happen is
//! an [`phase::Input`]; [`phase::Phase::next`] is this table, and the only place that decides:
//!
//! | | I ask | fresh hello | … without room | repeated hello | accept | my hello is lost |
//! |---|---|---|---|---|---|---|
//! | *unknown* | **asked**: greet | **met**: answer, introduce | tell me, once | – | – | – |
//! | *asked* | greet again, by the other way; say anew what waits | **crossed**: withdraw, answer, introduce | – | – | **met**: withdraw, join | **unheard**: tell me |
//! | *unheard* | **asked**: forget my hello, greet | **crossed**: answer, introduce | – | – | **met**: join | – |
//! | *crossed* | greet again, by the other way; say anew what waits | answer | – | take the card | **met**: withdraw, join | – |
//! | *met* | **crossed**: greet | answer | – | take the card | – | – |
//!
//! In the last two, I ask only when homes of theirs have refused what I say and too few have taken it: each of us
//! has blocked the other, say, and we hold rights that are worth nothing any more. Where my hello is not under
//! way any more, *crossed* is as good as *met* then.
//!
//! Somebody unknown who has no invite comes by a public address, and waits among [the
//! requests](super::requests) until a person lets them in: that is the fresh hello then.
//!
//! The rest of the folder does what the table says: [`ask`] sends hellos, [`hello`] takes them, [`answer`]
//! takes accepts, [`lost`] notices that nobody heard. What is kept changes in [`groups`] only.

mod answer;
mod ask;
pub mod groups;
mod hello;
mod lost;
pub mod phase;
#[cfg(test)]
mod table;
#[cfg(test)]
mod two;

pub use hello::Way;
