//! As many bytes as a file has, through the relay, between two browsers that use nothing else.

use anyhow::{Context, Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::person::Person;
use e2e_browser::wait::until_within;
use serde_json::json;
use std::time::Duration;

use super::{pair, paths_become, relayed_bytes, relaying};

/// Bytes of the file.
const FILE_BYTES: u64 = 20_000_000;
/// Bytes of one message.
const CHUNK_BYTES: u64 = 16_384;
/// For all of them, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A connection by relayed candidates only, with the servers that the page was given; and what both ends
/// need. Nothing is told before all candidates are known.
const CONNECT: &str = r"
const { iceServers } = window.connections.at(-1).getConfiguration();
const line = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
const channel = line.createDataChannel('file', { negotiated: true, id: 0 });
channel.binaryType = 'arraybuffer';
Object.assign(window, { line, channel });
window.described = async () => {
    await line.setLocalDescription();
    while (line.iceGatheringState !== 'complete') await new Promise(then => setTimeout(then, 50));
    return line.localDescription.sdp;
};
window.hash = async bytes => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('');
};";

const OFFER: &str =
    "const done = arguments[0]; window.described().then(done, error => done(String(error)));";

const ANSWER: &str = r"
const [offer, total, done] = arguments;
const file = new Uint8Array(total);
let received = 0;
window.channel.onmessage = ({ data }) => {
    file.set(new Uint8Array(data), received);
    received += data.byteLength;
    if (received === total) window.hash(file).then(hash => { window.received = hash; });
};
window.line.setRemoteDescription({ type: 'offer', sdp: offer }).then(window.described)
    .then(done, error => done(String(error)));";

const SEND: &str = r"
const [answer, total, chunk, done] = arguments;
const file = new Uint8Array(total);
for (let at = 0; at < total; at += 65536) crypto.getRandomValues(file.subarray(at, Math.min(at + 65536, total)));
const { line, channel } = window;
channel.bufferedAmountLowThreshold = 262144;
channel.onopen = async () => {
    for (let at = 0; at < total; at += chunk) {
        channel.send(file.subarray(at, Math.min(at + chunk, total)));
        if (channel.bufferedAmount > 1048576) await new Promise(then => { channel.onbufferedamountlow = then; });
    }
};
line.setRemoteDescription({ type: 'answer', sdp: answer }).then(() => window.hash(file))
    .then(done, error => done(String(error)));";

async fn text(person: &Person, script: &str, words: serde_json::Value) -> Result<String> {
    let answer = person.page.run_async(script, words).await?;
    Ok(answer.as_str().context("no text")?.to_owned())
}

#[test]
fn twenty_megabytes_pass_the_relay_intact_between_chromium_and_firefox() {
    journey::run(
        "twenty_megabytes_pass_the_relay_intact_between_chromium_and_firefox",
        async |world| {
            let node = relaying(world, &["--turn-bytes-per-second-each", "0"]).await?;
            let kinds = [Kind::Chromium, Kind::Firefox];
            let (ann, ben) = pair(world, kinds, &node.url()).await?;
            paths_become([&ann, &ben], "relayed").await?;
            let before = relayed_bytes(&node).await?;
            for person in [&ann, &ben] {
                person.page.run(CONNECT, json!([])).await?;
            }
            let offer = text(&ann, OFFER, json!([])).await?;
            ensure!(offer.contains("typ relay"), "no relayed candidate: {offer}");
            ensure!(!offer.contains("typ host"), "another candidate: {offer}");
            let answer = text(&ben, ANSWER, json!([offer, FILE_BYTES])).await?;
            ensure!(
                answer.contains("typ relay"),
                "no relayed candidate: {answer}"
            );
            let sent = text(&ann, SEND, json!([answer, FILE_BYTES, CHUNK_BYTES])).await?;
            ensure!(sent.len() == 64, "no hash: {sent}");
            let received = until_within("the file to be there", PATIENCE, async || {
                let hash = ben.page.run("return window.received;", json!([])).await?;
                Ok(hash.as_str().map(str::to_owned))
            });
            let received = received.await?;
            ensure!(received == sent, "sent {sent}, received {received}");
            // The metrics are a moment behind.
            until_within("the bytes to be counted", PATIENCE, async || {
                let relayed = relayed_bytes(&node).await? - before;
                Ok((relayed >= FILE_BYTES).then_some(()))
            })
            .await
        },
    );
}
