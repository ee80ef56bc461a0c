//! Documents about this supernode, for pages and programs.

use serde_json::{Value, json};
use shared::base::id::NodeId;
use shared::base::limits;
use shared::direct::route::DirectRoute;
use shared::gates::Gates;
use shared::session::wire::{VERSION, VERSION_MIN};

use crate::config::Config;

/// The route of a page served by this supernode: relative to the page.
const OWN_ROUTE: &str = "ws";

/// How this supernode is reached: the routes that are set, or else [`OWN_ROUTE`], unless there is no
/// WebSocket; and those of WebRTC-direct, as far as clients take routes.
#[must_use]
pub fn routes(config: &Config, direct: &[DirectRoute]) -> Vec<String> {
    let set = config
        .routes
        .0
        .iter()
        .map(|route| route.as_str().to_owned());
    let mut routes: Vec<_> = set.collect();
    if routes.is_empty() && config.websocket {
        routes.push(OWN_ROUTE.to_owned());
    }
    routes.extend(direct.iter().map(DirectRoute::to_text));
    routes.truncate(limits::ROUTES_MAX);
    routes
}

/// `kith.json`: the supernodes a page served from here uses.
#[must_use]
pub fn kith_json(node: NodeId, routes: &[String]) -> String {
    json!({"version": 1, "supernodes": [{"key": node.to_text(), "routes": routes}]}).to_string()
}

/// `/.well-known/kith`: who this is, how it is reached, and what it takes.
#[must_use]
pub fn well_known(node: NodeId, config: &Config, routes: &[String]) -> String {
    let document = json!({
        "version": 1,
        "key": node.to_text(),
        "routes": routes,
        "software": {"name": "kith-supernode", "version": env!("CARGO_PKG_VERSION")},
        "session": {"version_min": VERSION_MIN, "version_max": VERSION},
        "gates": {
            "registration": gates(config.registration.gates(config.registration_work_bits)),
            "first_contact": gates(Gates { invite: true, work_bits: config.request_work_bits.0 }),
        },
        "limits": {
            "frame_bytes_max": limits::FRAME_BYTES_MAX,
            "envelope_bytes_max": limits::ENVELOPE_BYTES_MAX,
            "keep_seconds_max": config.keep_hours_max.duration().as_secs(),
            "mailbox_envelopes_max": config.mailbox_envelopes_max,
            "mailbox_bytes_max": config.mailbox_bytes_max,
            "mailbox_requests_max": config.mailbox_requests_max,
            "connections_per_source_max": config.connections_per_source_max,
            "frames_burst": config.frames_burst,
            "frames_per_second": config.frames_per_second,
        },
    });
    document.to_string()
}

fn gates(gates: Gates) -> Value {
    json!({"invite": gates.invite, "work_bits": gates.work_bits})
}
