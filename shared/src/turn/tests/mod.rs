//! The whole server with clients whose messages another implementation (`stun-types`) writes and reads.

mod allocate;
mod attackers;
mod auth;
mod channels;
mod data;
mod donation;
mod malformed;
mod permissions;
mod sequences;
mod vectors;
mod world;
