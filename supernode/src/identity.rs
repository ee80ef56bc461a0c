//! The supernode's own key, made at the first start and kept.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use shared::base::random::{Random, bytes};
use shared::base::sign::SigningKey;

/// Where in the data folder the key is: 32 bytes, the Ed25519 seed (RFC 8032 §5.1.5).
pub const FILE: &str = "node.key";

/// Reads the node key in `folder`.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn read(folder: &Path) -> Result<SigningKey> {
    let path = folder.join(FILE);
    let seed = fs::read(&path).with_context(|| {
        format!(
            "cannot read {}; run the supernode once, or name its --data",
            path.display()
        )
    })?;
    from_seed(seed, &path)
}

fn from_seed(seed: Vec<u8>, path: &Path) -> Result<SigningKey> {
    match <[u8; 32]>::try_from(seed) {
        Ok(seed) => Ok(SigningKey::from_seed(seed)),
        Err(_) => bail!(
            "{} does not hold a key of 32 bytes; restore it from a backup",
            path.display()
        ),
    }
}

/// Reads the node key in `folder`, or makes one that only the owner of the process may read.
///
/// # Errors
/// When the file cannot be read or written, or does not hold a key.
pub fn node_key(folder: &Path, random: &mut dyn Random) -> Result<SigningKey> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(seed) => from_seed(seed, &path),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let seed = bytes(random);
            write_new(folder, &path, &seed)
                .with_context(|| format!("cannot keep the node key in {}", path.display()))?;
            Ok(SigningKey::from_seed(seed))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Whole or not at all, and for the owner of the process only: written aside, synced, then renamed.
///
/// # Errors
/// When it cannot be written.
pub fn write_new(folder: &Path, path: &Path, secret: &[u8]) -> Result<()> {
    let aside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(secret)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::System;

    #[test]
    fn the_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = node_key(folder.path(), &mut System::default()).unwrap();
        let second = node_key(folder.path(), &mut System::default()).unwrap();
        assert_eq!(first.public(), second.public());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), b"short").unwrap();
        assert!(node_key(folder.path(), &mut System::default()).is_err());
        assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), b"short");
    }
}
