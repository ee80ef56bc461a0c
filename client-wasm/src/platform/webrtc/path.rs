//! Whether the selected candidate pair goes through a TURN relay.

use std::time::Duration;

use js_sys::{Map, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

/// After ICE was restarted the path is looked at so often: browsers do not always say when it changes.
pub const LOOKS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
];

/// Asks the browser's statistics; `None` while no pair is selected.
pub async fn is_relayed(connection: &RtcPeerConnection) -> Option<bool> {
    let report: Map = JsFuture::from(connection.get_stats())
        .await
        .ok()?
        .unchecked_into();
    let pair = selected_pair(&report)?;
    let end = |key| {
        let candidate = report.get(&get(&pair, key));
        get(&candidate, "candidateType").as_string()
    };
    let (local, remote) = (end("localCandidateId")?, end("remoteCandidateId")?);
    Some(local == "relay" || remote == "relay")
}

fn selected_pair(report: &Map) -> Option<JsValue> {
    let mut chosen = None;
    report.for_each(&mut |entry, _| {
        let kind = get(&entry, "type").as_string();
        match kind.as_deref() {
            Some("transport") => {
                let pair = report.get(&get(&entry, "selectedCandidatePairId"));
                if pair.is_object() {
                    chosen = Some(pair);
                }
            }
            // Firefox marks the pair itself.
            Some("candidate-pair") if get(&entry, "selected").is_truthy() => {
                chosen = Some(entry);
            }
            _ => {}
        }
    });
    chosen
}

fn get(object: &JsValue, key: &str) -> JsValue {
    if !object.is_instance_of::<Object>() && !object.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}
