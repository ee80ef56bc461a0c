//! WebRTC-direct of the real program, dialled by a client of its own.

mod attackers;
mod client;
mod limits;
#[path = "../loopback/people.rs"]
#[allow(dead_code, reason = "other tests use all of it")]
mod people;
#[path = "../relay/program.rs"]
#[allow(dead_code, reason = "other tests use all of it")]
mod program;
#[path = "../loopback/server.rs"]
#[allow(dead_code, reason = "other tests use all of it")]
mod server;
mod session;
mod stories;
mod stun;
