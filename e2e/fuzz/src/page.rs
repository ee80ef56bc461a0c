//! The page's own pure readers, from where they are.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../client-wasm/src/platform/webrtc/binding.rs"]
pub mod binding;
#[path = "../../../client-wasm/src/features/chat/parts.rs"]
pub mod parts;
#[path = "../../../client-wasm/src/platform/webrtc/probe.rs"]
pub mod probe;
