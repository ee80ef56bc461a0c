//! Frames of a supernode's log: what was written is read, and nothing else is.

use arbitrary::Unstructured;

use crate::edit::edited;
use crate::supernode::log_frame::{Frame, FrameWriter};

const SEED: u64 = 0x5eed;

/// Some entries as a frame, changed; and anything.
pub fn run(bytes: &[u8]) -> bool {
    let anything = Frame::read(bytes, SEED).is_some_and(|frame| frame.entries().count() > 0);
    let mut input = Unstructured::new(bytes);
    let mut writer = FrameWriter::default();
    writer.clear();
    let mut entries = Vec::new();
    for _ in 0..input.int_in_range(0..=5).unwrap_or(0) {
        let key: Vec<u8> = input.arbitrary().unwrap_or_default();
        let value: Option<Vec<u8>> = input.arbitrary().unwrap_or_default();
        assert!(writer.push(&key, value.as_deref()).is_ok());
        entries.push((key, value));
    }
    let good = writer.finish(SEED, 7).to_vec();
    let changed = edited(&good, &mut input);
    let Some(frame) = Frame::read(&changed, SEED) else {
        assert!(!changed.starts_with(&good), "what was written is not read");
        return anything;
    };
    assert!(changed.starts_with(&good), "what nobody wrote is read");
    assert_eq!(frame.number, 7);
    let read: Vec<_> = frame
        .entries()
        .map(|entry| (entry.key.to_vec(), entry.value.map(<[u8]>::to_vec)))
        .collect();
    assert_eq!(read, entries, "read back as something else");
    true
}
