//! Frozen bytes of the supernode: one file a message and version,
//! `supernode/tests/vectors/wire/MESSAGE.VERSION.hex`, as `shared/tests/wire_vectors` has them for what is
//! spoken with clients. What is there was on somebody's disk, or between two processes of one supernode of
//! which one may be older; no file ever changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use e2e_fuzz::supernode::cluster::{Heartbeat, In, Inward, Out, Outward};
use e2e_fuzz::supernode::log_frame::{Frame, FrameWriter};
use e2e_fuzz::supernode::stream::{Entry, Message, Part};

/// Of the segment in which the frozen frame was.
const SEED: u64 = 0x0102_0304_0506_0708;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../supernode/tests/vectors/wire")
}

/// The bytes in a file, which are what is written today.
fn frozen(file: &str, today: &[u8]) -> Vec<u8> {
    let today = hex::encode(today);
    let text = fs::read_to_string(folder().join(format!("{file}.hex")));
    let text = text.unwrap_or_else(|_| panic!("{file}.hex is missing; today it would be\n{today}"));
    assert_eq!(text.trim(), today, "{file}");
    hex::decode(text.trim()).unwrap()
}

fn inward() -> Vec<(&'static str, In)> {
    let all = vec![
        In::Alive,
        In::Opened(7, 1 << 40, None),
        In::Received(7, vec![1, 2]),
        In::Closed(7),
    ];
    let named = |what: &In| match what {
        In::Alive => "inward-alive.1",
        In::Opened(..) => "inward-opened.1",
        In::Received(..) => "inward-received.1",
        In::Closed(_) => "inward-closed.1",
    };
    all.into_iter().map(|what| (named(&what), what)).collect()
}

fn outward() -> Vec<(&'static str, Out)> {
    let all = vec![
        Out::Alive,
        Out::Frame(7, vec![1, 2]),
        Out::End(7),
        Out::Reset,
    ];
    let named = |what: &Out| match what {
        Out::Alive => "outward-alive.1",
        Out::Frame(..) => "outward-frame.1",
        Out::End(_) => "outward-end.1",
        Out::Reset => "outward-reset.1",
    };
    all.into_iter().map(|what| (named(&what), what)).collect()
}

fn stream() -> Vec<(&'static str, Message)> {
    let entry = |key, value: Option<&[u8]>| Entry {
        key: vec![key],
        value: value.map(<[u8]>::to_vec),
    };
    let part = Part {
        index: 1,
        last: true,
        entries: vec![entry(1, Some(&[2, 3])), entry(4, None)],
    };
    let all = vec![Message::Takeover([9; 16]), Message::Part(part)];
    let named = |message: &Message| match message {
        Message::Takeover(_) => "stream-takeover.1",
        Message::Part(_) => "stream-part.1",
    };
    all.into_iter().map(|what| (named(&what), what)).collect()
}

#[test]
fn what_processes_of_one_supernode_say_is_frozen() {
    let heartbeat = Heartbeat {
        leader: [1; 16],
        takeover: 300,
    };
    let bytes = frozen("heartbeat.1", &heartbeat.to_bytes());
    assert_eq!(Heartbeat::from_bytes(&bytes), Some(heartbeat));
    for (file, what) in inward() {
        let inward = Inward {
            tie: [2; 16],
            number: 500,
            what,
        };
        let bytes = frozen(file, &inward.to_bytes());
        assert_eq!(Inward::from_bytes(&bytes), Some(inward));
    }
    for (file, what) in outward() {
        let outward = Outward { number: 500, what };
        let bytes = frozen(file, &outward.to_bytes());
        assert_eq!(Outward::from_bytes(&bytes), Some(outward));
    }
}

#[test]
fn what_a_stream_keeps_is_frozen() {
    for (file, message) in stream() {
        let bytes = frozen(file, &message.to_bytes());
        assert_eq!(Message::from_bytes(&bytes), Some(message));
    }
}

#[test]
fn what_a_segment_keeps_is_frozen() {
    let mut writer = FrameWriter::default();
    writer.clear();
    writer.push(b"key", Some(b"value")).unwrap();
    writer.push(b"gone", None).unwrap();
    let bytes = frozen("log-frame.1", writer.finish(SEED, 300));
    let frame = Frame::read(&bytes, SEED).unwrap();
    let entries: Vec<_> = frame.entries().map(|it| (it.key, it.value)).collect();
    assert_eq!(frame.number, 300);
    assert_eq!(
        entries,
        [(&b"key"[..], Some(&b"value"[..])), (b"gone", None)]
    );
}

#[test]
fn every_file_is_read_by_a_test() {
    let named = inward().into_iter().map(|it| it.0);
    let named = named.chain(outward().into_iter().map(|it| it.0));
    let named = named.chain(stream().into_iter().map(|it| it.0));
    let named: BTreeSet<String> = named
        .chain(["heartbeat.1", "log-frame.1"])
        .map(|name| format!("{name}.hex"))
        .collect();
    let entries = fs::read_dir(folder()).unwrap();
    let found: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(named, found);
}
