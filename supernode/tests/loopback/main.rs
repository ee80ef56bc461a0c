//! A whole supernode on a loopback socket, and clients that speak the real frames to it.

mod attackers;
mod client;
mod gates;
mod http;
mod mailbox;
mod people;
mod program;
mod relays;
mod rfc6455;
mod server;
mod siege;
mod slow_disk;
mod storage;
mod trouble;
mod wire;
