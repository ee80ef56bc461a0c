//! What is written is read back: random values of everything that is on a wire, on a disk or in a text.
//!
//! 256 values a type, the same in every run. `PROPTEST_CASES=100000` tries more, `PROPTEST_RNG_SEED=7`
//! others; one that fails is made small and printed. A type with a new kind or field does not compile until
//! it has a strategy here.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used)]

mod contact;
mod frames;
mod gates;
mod ids;
mod letters;
mod records;
mod round_trip;
mod signed;
mod values;
