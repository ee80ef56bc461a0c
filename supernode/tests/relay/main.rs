//! The relay of the real program, used by clients that others wrote.

mod coturn;
mod donation;
mod flood;
mod program;
#[path = "../loopback/server.rs"]
#[allow(dead_code, reason = "other tests use all of it")]
mod server;
mod stun;
mod tls;
