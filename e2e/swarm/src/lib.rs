//! A deterministic simulator: the real `Peer::handle` and `Relay::handle`, as many as memory holds, in
//! one thread, on one heap of events and one seed. No socket, no sleeping, no clock: the same seed
//! gives the same story and the same [`trace`], on any machine.
//!
//! The way of one message: [`world`] lets a person say it; the peer's batch goes to a simulated
//! [`disk`], and its effects follow when the batch is kept; [`net`] carries bytes over links that may
//! be slow, half open or cut; a supernode's relay and disk do the same; and after every commit and
//! before every send [`check`] looks whether a promise was broken. [`faults`] are drawn from the seed;
//! [`town`] is the standard world: friends, traffic, faults, then healing.
//!
//! [`growth`] is the other use of it: good weather, many more people, and what they cost.
//!
//! Not here: real sockets (`supernode/tests`), browsers (`e2e/browser`), and the drivers themselves,
//! whose contract is played: a batch is committed, then its effects are performed in order.

pub mod chance;
pub mod check;
pub mod disk;
pub mod faults;
pub mod fields;
pub mod growth;
pub mod heap;
pub mod net;
pub mod report;
pub mod town;
pub mod trace;
pub mod world;
