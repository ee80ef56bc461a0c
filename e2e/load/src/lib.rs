//! Load on a real supernode, and on other people's servers in the same run, from a process of its own:
//! `bench-sessions` measures idle sessions and live routing, `bench-mailbox` what is kept, `bench-turn` the
//! relay ([`turn`]).
//!
//! One thread plays all clients ([`pump`]), each of which speaks its server's protocol ([`talk`]).
//! Figures count per second of the server's CPU time, so that a busy machine does not change them
//! much. The supernode (`KITH_SUPERNODE`, else `target/release/supernode`) runs with rates raised,
//! since one machine plays thousands of clients.

pub mod arguments;
pub mod limits;
pub mod measure;
pub mod peer;
pub mod person;
pub mod process;
pub mod pump;
pub mod report;
pub mod seed;
pub mod socket;
pub mod talk;
pub mod turn;
pub mod websocket;
