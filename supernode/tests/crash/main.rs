//! The real program on a machine that dies, tears its last write, fails to keep it, fills its disk or changes its clock.

mod clock;
#[cfg(feature = "nats")]
mod cluster;
mod dice;
mod fsync;
mod full;
mod kill;
mod line;
#[path = "../loopback/people.rs"]
mod people;
mod recipient;
mod sender;
#[path = "../loopback/server.rs"]
mod server;
mod torn;
