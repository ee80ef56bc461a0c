//! The page's half in a world of real peers and real relays: disks, links and time are simulated.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

mod block;
mod both_blocked;
mod cards;
mod clock;
mod contacts;
mod first_contact;
mod first_contact_costs;
mod flood;
mod gates;
mod homes;
mod hostile;
mod intruders;
mod knocks;
mod let_in;
mod life;
mod limits;
mod packages;
mod public_lane;
#[cfg(feature = "turn")]
mod relays;
mod request_words;
mod requests;
mod session;
mod talk;
mod withheld;
mod world;
