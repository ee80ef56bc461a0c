//! What messages and records are made of.

use minicbor::bytes::ByteVec;
use proptest::collection::vec;
use proptest::prelude::*;
use shared::base::id::{NodeId, SealKey};
use shared::base::limits::{HOMES_MAX, NAME_BYTES_MAX, ROUTE_BYTES_MAX, ROUTES_MAX};
use shared::base::random::Random;
use shared::base::time::Timestamp;
use shared::gates::token::{TOKEN_LEN, Token};
use shared::identity::name::clean_name;
use shared::invite::Home;
use shared::mailbox::capability::{CAPABILITY_LEN, Capability, CapabilitySerial};
use shared::mailbox::tally::{Taken, Window};
use shared::session::route::Route;

use super::round_trip::drawn;

pub type Values<T> = BoxedStrategy<T>;

/// The same random byte again and again.
pub struct Same(pub u8);

impl Random for Same {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// Ids of one kind.
pub fn id<T: std::fmt::Debug + 'static, const N: usize>(kind: fn([u8; N]) -> T) -> Values<T> {
    any::<[u8; N]>().prop_map(kind).boxed()
}

/// Numbers of every length.
pub fn number() -> Values<u64> {
    (any::<u64>(), 0..u64::BITS)
        .prop_map(|(number, shift)| number >> shift)
        .boxed()
}

/// Numbers of every length up to 32 bits.
pub fn small() -> Values<u32> {
    (any::<u32>(), 0..u32::BITS)
        .prop_map(|(number, shift)| number >> shift)
        .boxed()
}

/// Moments.
pub fn moment() -> Values<Timestamp> {
    number().prop_map(Timestamp).boxed()
}

/// Some bytes, or as many as there may be.
pub fn bytes(max: usize) -> Values<Vec<u8>> {
    let some = vec(any::<u8>(), 0..=max.min(40));
    let most = any::<u8>().prop_map(move |byte| vec![byte; max]);
    prop_oneof![15 => some, 1 => most].boxed()
}

/// The same, where they may be missing.
pub fn byte_string(max: usize) -> Values<ByteVec> {
    bytes(max).prop_map(ByteVec::from).boxed()
}

/// Some text in any script, or as much as there may be.
pub fn text(max: usize) -> Values<String> {
    let some = vec(any::<char>(), 0..=max.min(80) / 4).prop_map(String::from_iter);
    let most = Just("x".repeat(max));
    prop_oneof![15 => some, 1 => most].boxed()
}

/// Names as people may choose them.
pub fn name() -> Values<String> {
    let chars = vec(any::<char>(), 1..=NAME_BYTES_MAX / 4);
    chars
        .prop_filter_map("not a name", |chars| {
            clean_name(&String::from_iter(chars)).ok()
        })
        .boxed()
}

/// Routes of at most `max` bytes, of schemes that are known and of others.
pub fn route(max: usize) -> Values<Route> {
    let scheme = prop_oneof![Just("wss://h"), Just("ws://h"), Just("direct:h")];
    let rest = vec(33_u8..=126, 0..=max - "direct:h".len());
    (scheme, rest)
        .prop_map(|(scheme, rest)| scheme.to_owned() + &String::from_utf8(rest).unwrap())
        .prop_filter_map("not a route", |text| Route::parse(&text).ok())
        .boxed()
}

/// Homes with as many routes as they may have.
pub fn home() -> Values<Home> {
    drawn!(Home {
        node: id(NodeId),
        routes: vec(route(ROUTE_BYTES_MAX), 1..=ROUTES_MAX),
    })
}

/// As many homes as a persona may have.
pub fn homes() -> Values<Vec<Home>> {
    vec(home(), 1..=HOMES_MAX).boxed()
}

/// Rights to deposit; of what worth is not said.
pub fn capability() -> Values<Capability> {
    any::<[u8; CAPABILITY_LEN]>()
        .prop_map(|bytes| Capability::from_bytes(&bytes).unwrap())
        .boxed()
}

/// Names of such rights.
pub fn serials() -> Values<Vec<CapabilitySerial>> {
    vec(id(CapabilitySerial), 0..6).boxed()
}

/// Invites of operators; of what worth is not said.
pub fn token() -> Values<Token> {
    any::<[u8; TOKEN_LEN]>()
        .prop_map(|bytes| Token::from_text(&z32::encode(&bytes)).unwrap())
        .boxed()
}

/// What a sender says of what homes have taken.
pub fn window() -> Values<Window> {
    let numbers = vec(prop_oneof![1..100_u64, 1..u64::MAX], 0..6);
    numbers
        .prop_map(|numbers| {
            let mut window = Window::default();
            numbers.iter().for_each(|number| window.insert(*number));
            window
        })
        .boxed()
}

/// Of each home.
pub fn taken() -> Values<Vec<Taken>> {
    let of_one = drawn!(Taken {
        node: id(NodeId),
        numbers: window(),
    });
    vec(of_one, 0..=HOMES_MAX).boxed()
}

/// Keys that are sealed to.
pub fn seal_key() -> Values<SealKey> {
    id(SealKey)
}
