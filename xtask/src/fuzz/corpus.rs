//! Corpora: `e2e/fuzz/corpus/TARGET.hex` has an input a line; libFuzzer wants a folder of files.

use crate::workspace;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Longest input that is kept, in bytes.
pub const INPUT_BYTES_MAX: usize = 4 * 1024;

fn folder() -> PathBuf {
    workspace::root().join("e2e/fuzz/corpus")
}

fn file(target: &str) -> PathBuf {
    folder().join(format!("{target}.hex"))
}

/// The names of all targets, in order.
///
/// # Errors
/// When the folder of corpora cannot be read.
pub fn targets() -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder()).context("no corpora")? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        names.extend(name.map(str::to_owned));
    }
    Ok(names.into_iter().collect())
}

/// Writes a target's corpus into a folder, a file an input, and says how many there are.
///
/// # Errors
/// When it cannot be read or written.
pub fn unpack(target: &str, into: &Path) -> Result<usize> {
    let text = fs::read_to_string(file(target)).unwrap_or_default();
    for (number, line) in text.lines().enumerate() {
        let bytes = bytes(line).with_context(|| format!("{target}.hex, line {}", number + 1))?;
        fs::write(into.join(format!("{number:05}")), bytes)?;
    }
    Ok(text.lines().count())
}

/// Makes the files of a folder a target's corpus.
///
/// # Errors
/// When they cannot be read, or the corpus not be written.
pub fn pack(target: &str, from: &Path) -> Result<usize> {
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let bytes = fs::read(entry?.path())?;
        if bytes.len() <= INPUT_BYTES_MAX {
            lines.insert(hex(&bytes));
        }
    }
    fs::create_dir_all(folder())?;
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(file(target), text)?;
    Ok(lines.len())
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(line: &str) -> Option<Vec<u8>> {
    let digits = line.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_back_and_other_texts_are_not() {
        assert_eq!(hex(&[0, 0xff, 0x1a]), "00ff1a");
        assert_eq!(bytes("00ff1a"), Some(vec![0, 0xff, 0x1a]));
        assert_eq!(bytes(""), Some(Vec::new()));
        assert_eq!(bytes("zz"), None);
        assert_eq!(bytes("é"), None);
    }
}
