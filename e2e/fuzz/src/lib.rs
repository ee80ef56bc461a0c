//! Fuzz targets: one for everything that reads bytes from outside, and a few for whole sequences of
//! them. Each is a function over bytes ([`Target::run`]) that panics when something does not hold. The
//! program in `fuzz_targets` lets libFuzzer drive one of them (`cargo xtask fuzz`); the inputs it found worth
//! keeping are in `corpus`, and an ordinary test replays them.
//!
//! [`decoders`] are pure: bytes are refused, or give a value that is written and read back alike.
//! What a decoder must hold beside that stands in its file.
//!
//! The supernode's few decoders, and the page's, are compiled here from where they are, so that a fuzzer is
//! built without sockets, stores and browsers. Not here: what only a browser decodes (JSON of `kith.json`).

pub mod chance;
pub mod corpus;
pub mod decoders;
pub mod edit;
mod page;
pub mod prepared;
pub mod sequence;
pub mod supernode;
mod targets;

pub use targets::{TARGETS, Target, target};
