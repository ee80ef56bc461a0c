//! What has been relayed this month, kept over restarts.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use shared::turn::Month;

/// Where in the data folder: `MONTH BYTES` in decimal, months counted from January 1970.
const FILE: &str = "relayed-this-month";

/// The file in `folder`.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Reads it. Nothing has been relayed if it is not there.
///
/// # Errors
/// When it cannot be read: a limit that somebody pays for must not be forgotten quietly.
pub fn read(path: &Path) -> Result<Month> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Month::default()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
    };
    let parts: Option<(u32, u64)> = text
        .trim()
        .split_once(' ')
        .and_then(|(number, bytes)| Some((number.parse().ok()?, bytes.parse().ok()?)));
    match parts {
        Some((number, bytes)) => Ok(Month { number, bytes }),
        None => bail!(
            "{} does not say what was relayed this month; delete it to count from nothing",
            path.display()
        ),
    }
}

/// Writes it: whole or not at all.
///
/// # Errors
/// As the system says.
pub fn write(path: &Path, month: Month) -> std::io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = File::create(&aside)?;
    writeln!(file, "{} {}", month.number, month.bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_relayed_is_remembered_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(folder.path());
        assert_eq!(read(&path).unwrap(), Month::default());
        let month = Month {
            number: 682,
            bytes: u64::MAX,
        };
        write(&path, month).unwrap();
        assert_eq!(read(&path).unwrap(), month);
        for bad in ["", "682", "682 x", "x 5", "682 -1"] {
            fs::write(&path, bad).unwrap();
            assert!(read(&path).is_err(), "{bad:?}");
        }
    }
}
