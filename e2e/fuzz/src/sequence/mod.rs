//! Sequences: inputs of any kind in any order, into the whole of a supernode ([`relay`]), of a
//! page ([`peer`]), and of a STUN and TURN server ([`turn`]), each begun from a prepared world, with what must hold checked
//! after each step. The fuzzer's bytes are read as a list of steps; bytes that it makes up are one
//! kind of step, things that only somebody with keys can make are others.

pub mod peer;
pub mod relay;
pub mod turn;
