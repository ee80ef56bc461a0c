//! What the benches share: samples and how they are shown; clocks of several pages; conditions.
//!
//! `first_load` and `latency` hold what each bench measures; the programs in `src/bin` only read
//! arguments and print.

pub mod arguments;
pub mod clock;
pub mod first_load;
pub mod latency;
pub mod raw_channel;
pub mod samples;
