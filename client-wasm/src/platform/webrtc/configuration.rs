//! How a connection is to be made, as the browser wants to be told.

use js_sys::Array;
use shared::peer::ice::{Ice, IceServer};
use wasm_bindgen::JsValue;
use web_sys::{RtcConfiguration, RtcIceServer, RtcIceTransportPolicy};

/// As the browser wants it. What it cannot read has been left out by the core.
pub fn of(ice: &Ice) -> RtcConfiguration {
    let configuration = RtcConfiguration::new();
    let servers: Array = ice.servers.iter().map(server).collect();
    configuration.set_ice_servers(&servers);
    configuration.set_ice_transport_policy(match ice.relay_only {
        true => RtcIceTransportPolicy::Relay,
        false => RtcIceTransportPolicy::All,
    });
    configuration
}

fn server(server: &IceServer) -> RtcIceServer {
    let urls: Array = server
        .urls
        .iter()
        .map(|url| JsValue::from_str(url))
        .collect();
    let it = RtcIceServer::new();
    it.set_urls(&urls);
    it.set_username(&server.username);
    it.set_credential(&server.password);
    it
}
