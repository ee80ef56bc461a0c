//! Journeys of people in real browsers, against the real supernode.
//!
//! A journey (`tests/journeys/`) is told by named people: [`journey::run`] gives it a
//! [`world::World`] that starts a [`supernode::Supernode`] and browsers. A [`person::Person`] acts
//! and reads only through what the page shows: roles and accessible names as the browser computes
//! them ([`page::Page`]), and the few data attributes that are part of the same contract. When a
//! journey fails, the world leaves screenshots, documents, consoles and the supernode's log among
//! the artefacts ([`settings::artefacts`]).
//!
//! Absent on purpose: anything that reaches into the application (its storage, its wasm exports).
//! A journey that cannot see something on the page is a finding, not a reason to look behind it.

pub mod axe;
pub mod bench;
pub mod browser;
pub mod http;
pub mod journey;
pub mod network;
pub mod page;
pub mod person;
pub mod process;
pub mod qr;
pub mod screens;
pub mod settings;
pub mod site;
pub mod supernode;
pub mod wait;
pub mod world;
