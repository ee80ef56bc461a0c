//! Load on a real supernode, from a process of its own: `bench-sessions` measures the memory of idle
//! sessions, `bench-routing` how many live envelopes a supernode routes per second of its CPU time.
//!
//! Both start the release supernode (`KITH_SUPERNODE`, else `target/release/supernode`) with rates
//! raised, since one machine plays thousands of clients, and print a table and JSON lines.

pub mod arguments;
pub mod client;
pub mod limits;
pub mod person;
pub mod report;
pub mod server;
