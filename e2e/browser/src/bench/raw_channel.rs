//! A bare data channel between two pages, for comparison: no encryption of ours, no storage.
//!
//! The harness carries the session descriptions, complete with their candidates.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::page::Page;

/// Makes an offer with a channel; keeps both in the page.
const OFFER: &str = r"
const done = arguments[arguments.length - 1];
const connection = new RTCPeerConnection();
const channel = connection.createDataChannel('bench');
channel.binaryType = 'arraybuffer';
window.kithBenchRaw = { connection, channel };
connection.onicegatheringstatechange = () => {
    if (connection.iceGatheringState === 'complete') done(connection.localDescription.sdp);
};
connection.createOffer().then(offer => connection.setLocalDescription(offer));
";

/// Answers an offer, and sends back whatever comes.
const ANSWER: &str = r"
const done = arguments[arguments.length - 1];
const connection = new RTCPeerConnection();
window.kithBenchRaw = { connection };
connection.ondatachannel = ({ channel }) => {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => channel.send(data);
    window.kithBenchRaw.channel = channel;
};
connection.onicegatheringstatechange = () => {
    if (connection.iceGatheringState === 'complete') done(connection.localDescription.sdp);
};
connection.setRemoteDescription({ type: 'offer', sdp: arguments[0] })
    .then(() => connection.createAnswer())
    .then(answer => connection.setLocalDescription(answer));
";

/// Takes the answer and waits for the channel to open.
const OPEN: &str = r"
const done = arguments[arguments.length - 1];
const { connection, channel } = window.kithBenchRaw;
channel.onopen = () => done(true);
connection.setRemoteDescription({ type: 'answer', sdp: arguments[0] });
";

/// Sends `arguments[1]` messages of `arguments[0]` bytes one after the other, each when the last is
/// back; yields every round trip in milliseconds.
const PING: &str = r"
const [bytes, count, done] = arguments;
const { channel } = window.kithBenchRaw;
const times = [];
let sent;
const send = () => { sent = performance.now(); channel.send(new Uint8Array(bytes)); };
channel.onmessage = () => {
    times.push(performance.now() - sent);
    times.length < count ? setTimeout(send) : done(times);
};
send();
";

/// Opens a bare channel from `ann` to `ben`.
///
/// # Errors
/// When the two cannot connect.
pub async fn open(ann: &Page, ben: &Page) -> Result<()> {
    let offer = ann.run_async(OFFER, json!([])).await?;
    let answer = ben.run_async(ANSWER, json!([offer])).await?;
    ann.run_async(OPEN, json!([answer]))
        .await
        .context("the bare channel did not open")
        .map(drop)
}

/// Round trips of `count` messages of `bytes` bytes over the open channel, in milliseconds.
///
/// # Errors
/// When the channel is closed.
pub async fn round_trips(ann: &Page, bytes: usize, count: usize) -> Result<Vec<f64>> {
    let times = ann.run_async(PING, json!([bytes, count])).await?;
    Ok(times
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect())
}
