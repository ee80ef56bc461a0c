//! How two pages agree on a data channel: offers, answers and candidates, sealed end to end and
//! carried as *live* envelopes (or over a data channel that still works).

pub mod wire;
