//! Files and what they hold.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use minicbor::{Decode, Encode};
use shared::base::codec::{decode, encode};

/// A message as it is in a file.
pub struct Frozen<T> {
    /// The file's name: message, dot, version.
    pub file: String,
    /// What it says.
    pub says: T,
    /// Whether it is still written so.
    pub newest: bool,
}

/// The newest version.
pub fn newest<T>(file: &str, says: T) -> Frozen<T> {
    Frozen {
        file: file.to_owned(),
        says,
        newest: true,
    }
}

/// A version that is only read any more.
pub fn older<T>(file: &str, says: T) -> Frozen<T> {
    Frozen {
        file: file.to_owned(),
        says,
        newest: false,
    }
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wire")
}

/// The bytes in a file.
pub fn bytes(file: &str, would_be: &[u8]) -> Vec<u8> {
    let path = folder().join(format!("{file}.hex"));
    match std::fs::read_to_string(&path) {
        Ok(text) => hex::decode(text.trim()).unwrap(),
        Err(_) => panic!(
            "{file}.hex is missing; today it would be\n{}",
            hex::encode(would_be)
        ),
    }
}

impl<T> Frozen<T>
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + Debug,
{
    /// Reads the file, and writes it if it is the newest.
    pub fn holds(&self) {
        let bytes = bytes(&self.file, &encode(&self.says));
        let read = decode::<T>(&bytes, usize::MAX);
        assert_eq!(read.as_ref(), Ok(&self.says), "{}", self.file);
        if self.newest {
            assert_eq!(
                hex::encode(encode(&self.says)),
                hex::encode(bytes),
                "{}",
                self.file
            );
        }
    }
}

/// The names of the files.
pub fn names<T>(all: &[Frozen<T>]) -> Vec<String> {
    all.iter().map(|frozen| frozen.file.clone()).collect()
}

/// Every kind is there, in its newest version.
pub fn all_kinds<T>(all: &[Frozen<T>], kinds: &[&str], kind: impl Fn(&T) -> &'static str) {
    for wanted in kinds {
        let has = all.iter().any(|it| it.newest && kind(&it.says) == *wanted);
        assert!(has, "{wanted} has no file");
    }
    for frozen in all {
        let (message, _) = frozen.file.split_once('.').unwrap();
        let is_of_kind = message.ends_with(kind(&frozen.says));
        assert!(is_of_kind, "{} is in the wrong file", frozen.file);
    }
}

/// Names every variant of an enum: one that is not named does not compile.
macro_rules! kinds {
    ($type:ty: $($variant:ident = $name:literal),+ $(,)?) => {
        (
            &[$($name),+][..],
            |it: &$type| -> &'static str {
                type It = $type;
                match it {
                    $(It::$variant { .. } => $name),+
                }
            },
        )
    };
}
pub(crate) use kinds;
