//! Texts that people or other programs write: names, keys, routes, addresses behind proxies.

use std::net::IpAddr;

use shared::base::id::{EnvelopeId, NodeId, PersonaId};
use shared::base::limits::{NAME_BYTES_MAX, ROUTE_BYTES_MAX};
use shared::identity::name::clean_name;
use shared::session::route::{Route, Scheme};

use crate::supernode::address::Sources;

/// The input as a name, a key and a route.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    if let Ok(name) = clean_name(text) {
        assert!((1..=NAME_BYTES_MAX).contains(&name.len()));
        assert!(!name.chars().any(char::is_control));
        assert_eq!(
            clean_name(&name).as_ref(),
            Ok(&name),
            "a clean name is clean"
        );
    }
    let mut is_key = false;
    if let Ok(id) = PersonaId::from_text(text) {
        assert_eq!(id.to_text(), text, "a key is written in one way");
        is_key = true;
    }
    if let Ok(id) = NodeId::from_text(text) {
        assert_eq!(id.to_text(), text);
    }
    if let Ok(id) = EnvelopeId::from_text(text) {
        assert_eq!(id.to_text(), text);
        is_key = true;
    }
    let route = Route::parse(text);
    if let Ok(route) = &route {
        assert_eq!(route.as_str(), text);
        assert!(text.len() <= ROUTE_BYTES_MAX);
        assert!(route.scheme() == Scheme::Unknown || !route.host().is_empty());
    }
    route.is_ok() || is_key
}

/// The input as a header that proxies write (`X-Forwarded-For`).
pub fn forwarded_for(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let [proxy, other, stranger] =
        ["10.0.0.1", "2001:db8::1", "192.0.2.1"].map(|it| it.parse::<IpAddr>().ok());
    let (Some(proxy), Some(other), Some(stranger)) = (proxy, other, stranger) else {
        return false;
    };
    let Ok(sources) = Sources::new(vec![proxy, other]) else {
        return false;
    };
    let number = |peer, header| sources.number(peer, header);
    assert_eq!(
        number(stranger, Some(text)),
        number(stranger, None),
        "who is no proxy is not believed"
    );
    let behind = format!("{text}, {stranger}");
    assert_eq!(
        number(proxy, Some(&behind)),
        number(stranger, None),
        "what a proxy wrote counts, whatever stood before"
    );
    number(proxy, Some(text)) != number(proxy, None)
}
