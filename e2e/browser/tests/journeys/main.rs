//! Journeys of named people in real browsers against the real supernode.
//!
//! Each can be run alone: `cargo test -p e2e-browser --test journeys NAME`.

mod away;
mod block;
mod direct;
mod first_screen;
mod friends;
mod homes;
mod invites;
mod keyboard;
mod meeting;
mod network;
mod outage;
mod relays;
mod requests;
mod screens;
mod static_host;
mod storage;
mod tabs;
mod texts;
mod webrtc;
mod words;
