//! The supernode's own decoders, from where they are.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::len_without_is_empty
)]

#[path = "../../../supernode/src/listen/address.rs"]
pub mod address;
#[path = "../../../supernode/src/cluster/wire.rs"]
pub mod cluster;
#[path = "../../../supernode/src/config/mod.rs"]
pub mod config;
#[path = "../../../supernode/src/store/embedded/frame.rs"]
pub mod log_frame;
#[path = "../../../supernode/src/listen/direct/record.rs"]
pub mod record;
#[path = "../../../supernode/src/store/nats/message.rs"]
pub mod stream;

// RFC 6455, beside each other as there.
#[path = "../../../supernode/src/listen/websocket/frame.rs"]
pub mod frame;
#[path = "../../../supernode/src/listen/websocket/incoming.rs"]
pub mod incoming;
