//! What holds for every type that is written.

use std::fmt::Debug;

use minicbor::{Decode, Encode};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use shared::base::codec::{CodecError, decode, encode};

/// Asks for random values whether something holds of each.
pub fn for_all<S>(values: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S: Strategy<Value: Debug>,
{
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    let outcome = TestRunner::new(config).run(&values, holds);
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
}

/// Every value fits in `max` bytes, which are always the same, are read as the same value, and are what
/// that value is written as. One byte less of room is too little.
pub fn round_trips<T>(max: usize, values: impl Strategy<Value = T>)
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Clone + Debug,
{
    for_all(values, |value| {
        let bytes = encode(&value);
        let len = bytes.len();
        prop_assert!(len <= max, "{} bytes, at most {}", len, max);
        prop_assert_eq!(&encode(&value.clone()), &bytes);
        let read: T = decode(&bytes, len).map_err(|error| fail(&error, &bytes))?;
        prop_assert_eq!(&encode(&read), &bytes);
        prop_assert_eq!(read, value);
        let too_long = CodecError::TooLong { len, max: len - 1 };
        prop_assert_eq!(decode::<T>(&bytes, len - 1), Err(too_long));
        Ok(())
    });
}

fn fail(error: &CodecError, bytes: &[u8]) -> TestCaseError {
    TestCaseError::fail(format!("{error}: {}", hex::encode(bytes)))
}

/// Values of a struct or of one kind of an enum, all fields drawn.
macro_rules! drawn {
    (@strategies $one:expr) => { $one };
    (@strategies $one:expr, $($more:expr),+) => { ($one, drawn!(@strategies $($more),+)) };
    (@names $one:ident) => { $one };
    (@names $one:ident, $($more:ident),+) => { ($one, drawn!(@names $($more),+)) };
    ($($type:ident)::+ { $($field:ident: $strategy:expr),+ $(,)? }) => {
        drawn!(@strategies $($strategy),+)
            .prop_map(|drawn!(@names $($field),+)| $($type)::+ { $($field),+ })
            .boxed()
    };
}
pub(crate) use drawn;

/// Values of any kind of an enum. A kind that has no strategy does not compile.
macro_rules! any_kind {
    ($type:ident: $($kind:ident = $strategy:expr),+ $(,)?) => {{
        let _ = |value: &$type| match value {
            $($type::$kind { .. } => ()),+
        };
        proptest::strategy::Union::new([$($strategy.boxed()),+]).boxed()
    }};
}
pub(crate) use any_kind;

/// Any number of a list of codes. One that is not named does not compile.
macro_rules! any_code {
    ($type:ident: $($kind:ident),+ $(,)?) => {
        any_kind!($type: $($kind = Just($type::$kind)),+)
    };
}
pub(crate) use any_code;
