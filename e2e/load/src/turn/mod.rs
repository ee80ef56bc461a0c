//! Load on TURN servers, ours and others: packets relayed per second of the *server's* CPU time.
//!
//! One thread plays all clients and all peers, hosts in 127.0.0.0/8, with two sockets ([`wire`]).
//! [`stage`] lets each client allocate and bind a channel; [`traffic`] sends numbered packets both ways
//! and looks at each that comes; [`load`] does so in a closed loop, where the server is the bottleneck
//! and nothing is lost, or at a rate, where delays are measured. Server and generator share one core as
//! batch jobs, so that both work in full batches whatever else the machine does. [`forward`] is the mark:
//! what the kernel alone takes.

pub mod arena;
pub mod flood;
pub mod forward;
pub mod hosts;
pub mod load;
pub mod rows;
pub mod server;
pub mod stage;
pub mod stun;
pub mod table;
pub mod traffic;
pub mod wire;
