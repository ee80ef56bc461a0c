//! What every other module stands on: names for keys and moments, limits, the wire codec,
//! signatures, hashes, and the five verbs by which the pure core acts on the world.

pub mod clock;
pub mod codec;
pub mod effects;
pub mod hash;
pub mod id;
pub mod limits;
pub mod random;
pub mod sequence;
pub mod sign;
pub mod sorted;
pub mod time;
