//! Corpora: `corpus/TARGET.hex` holds an input a line, in hexadecimal, sorted. One file a target keeps
//! thousands of tiny files out of the repository, and says in a diff what came and went.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{fs, io};

/// The file of a target's corpus.
#[must_use]
pub fn file(target: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus");
    folder.join(format!("{target}.hex"))
}

/// A target's inputs.
///
/// # Errors
/// When the file is not there, or a line is no hexadecimal.
pub fn read(target: &str) -> io::Result<BTreeSet<Vec<u8>>> {
    let text = fs::read_to_string(file(target))?;
    let inputs = text.lines().map(hex::decode);
    inputs.collect::<Result<_, _>>().map_err(io::Error::other)
}
