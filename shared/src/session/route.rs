//! How a supernode is reached, as text.

use alloc::string::{String, ToString};

use minicbor::{Decode, Encode};

use crate::base::limits::ROUTE_BYTES_MAX;
use crate::direct::route::DirectRoute;

/// A route: `wss://host[:port]/path`, `ws://…` (only where the page itself is not on https), or
/// [`direct:…`](DirectRoute). What is none of these is carried along and not dialled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Route(#[n(0)] String);

/// The text is no route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a route")]
pub struct BadRoute;

/// Ways of dialling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// WebSocket over TLS.
    Wss,
    /// WebSocket in the clear; fine on this machine, and the envelopes are sealed anyway.
    Ws,
    /// WebRTC-direct: to an address, without a name.
    Direct,
    /// Something newer.
    Unknown,
}

impl Route {
    /// Reads a route. ASCII without spaces or controls, at most [`ROUTE_BYTES_MAX`] bytes, with a scheme.
    ///
    /// # Errors
    /// [`BadRoute`].
    pub fn parse(text: &str) -> Result<Self, BadRoute> {
        let route = Self(text.to_string());
        route.verify()?;
        Ok(route)
    }

    /// Checks a route that was decoded from the wire.
    ///
    /// # Errors
    /// [`BadRoute`].
    pub fn verify(&self) -> Result<(), BadRoute> {
        let fine = self.0.len() <= ROUTE_BYTES_MAX
            && self.0.bytes().all(|b| b.is_ascii_graphic())
            && self
                .0
                .split_once(':')
                .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
            && (self.scheme() == Scheme::Unknown || !self.host().is_empty());
        if fine { Ok(()) } else { Err(BadRoute) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How to dial it.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        if self.0.starts_with("wss://") {
            Scheme::Wss
        } else if self.0.starts_with("ws://") {
            Scheme::Ws
        } else if self.direct().is_some() {
            Scheme::Direct
        } else {
            Scheme::Unknown
        }
    }

    /// What a [`Scheme::Direct`] route says.
    #[must_use]
    pub fn direct(&self) -> Option<DirectRoute> {
        DirectRoute::parse(&self.0)
    }

    /// Host and port, for people; empty for an unknown scheme.
    #[must_use]
    pub fn host(&self) -> &str {
        match self.scheme() {
            Scheme::Unknown => "",
            Scheme::Direct => self
                .0
                .split_once(':')
                .and_then(|(_, rest)| rest.rsplit_once('/'))
                .map_or("", |(address, _)| address),
            Scheme::Ws | Scheme::Wss => self
                .0
                .split_once("://")
                .and_then(|(_, rest)| rest.split(['/', '?', '#']).next())
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read_and_junk_is_not() {
        assert_eq!(
            Route::parse("ws://localhost:8080/ws").unwrap().host(),
            "localhost:8080"
        );
        assert_eq!(
            Route::parse("wss://kith.example").unwrap().scheme(),
            Scheme::Wss
        );
        assert_eq!(
            Route::parse("direct:192.0.2.1:3478:abc").unwrap().scheme(),
            Scheme::Unknown
        );
        let hash = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let direct = Route::parse(&["direct:192.0.2.1:3478/", hash].concat()).unwrap();
        assert_eq!(
            (direct.scheme(), direct.host()),
            (Scheme::Direct, "192.0.2.1:3478")
        );
        for bad in [
            "", "ws://", "ws:///ws", "nothing", "ws://a b", "ws://ä", ":x", "x:",
        ] {
            assert!(Route::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_length_limit_holds() {
        let base = "wss://a/";
        let fits = base.to_string() + &"x".repeat(ROUTE_BYTES_MAX - base.len());
        assert!(Route::parse(&fits).is_ok());
        assert!(Route::parse(&(fits + "x")).is_err());
    }
}
