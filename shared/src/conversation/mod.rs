//! Conversations: groups of devices (MLS), their content and their timeline.

pub mod content;
pub mod mls;
