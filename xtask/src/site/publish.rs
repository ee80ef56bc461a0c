//! Moves a finished site into its place, when it differs from what is there.

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// Holds the digest of the whole site; the supernode's build watches only this file.
const STAMP: &str = ".stamp";

/// Replaces `place` by `staging` unless both hold the same bytes.
///
/// # Errors
/// When files cannot be read or moved.
pub fn publish(staging: &Path, place: &Path) -> Result<()> {
    let digest = digest(staging)?;
    if std::fs::read_to_string(place.join(STAMP)).is_ok_and(|there| there == digest) {
        return Ok(std::fs::remove_dir_all(staging)?);
    }
    std::fs::write(staging.join(STAMP), &digest)?;
    if place.exists() {
        std::fs::remove_dir_all(place)?;
    }
    match std::fs::rename(staging, place) {
        Ok(()) => Ok(()),
        // The target directory may be on another disk.
        Err(_) => copy(staging, place),
    }
}

fn copy(staging: &Path, place: &Path) -> Result<()> {
    for file in files(staging)?.iter().chain([&staging.join(STAMP)]) {
        let to = place.join(file.strip_prefix(staging)?);
        std::fs::create_dir_all(to.parent().unwrap_or(place))?;
        std::fs::copy(file, to)?;
    }
    Ok(std::fs::remove_dir_all(staging)?)
}

/// All files below `directory` but hidden ones, sorted.
///
/// # Errors
/// When a directory cannot be read.
pub fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)?),
            path => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

fn digest(directory: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    for file in files(directory)? {
        digest.update(file.strip_prefix(directory)?.as_os_str().as_encoded_bytes());
        digest.update(Sha256::digest(std::fs::read(&file)?));
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_equal_site_is_left_alone_and_a_new_one_replaces_all() {
        let home = std::env::temp_dir().join(format!("kith-publish-{}", std::process::id()));
        let (staging, place) = (home.join("staging"), home.join("dist"));
        let stage = |text: &str| {
            fs::create_dir_all(staging.join("icons")).unwrap();
            fs::write(staging.join("icons/a.svg"), text).unwrap();
            publish(&staging, &place).unwrap();
        };
        stage("one");
        fs::write(place.join("left-over"), "").unwrap();
        stage("one");
        assert!(
            place.join("left-over").exists(),
            "nothing changed, nothing was touched"
        );
        stage("two");
        assert!(!place.join("left-over").exists());
        assert_eq!(
            fs::read_to_string(place.join("icons/a.svg")).unwrap(),
            "two"
        );
        fs::remove_dir_all(home).unwrap();
    }
}
