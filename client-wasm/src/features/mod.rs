//! One folder or file per thing a person sees. Components draw what the engine's view says and
//! hand on what the person does; they decide nothing about messages.

pub mod announcer;
pub mod chat;
pub mod chats;
pub mod connection;
pub mod home;
pub mod invite;
pub mod panes;
pub mod requests;
pub mod route;
pub mod settings;
pub mod trouble;
pub mod welcome;
pub mod when;
