//! What the site is made of, as one fingerprint: when it has not changed, nothing is built.

use crate::{tools::PageTools, workspace};
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Folders and files of the repository that the site is made of.
const SOURCES: [&str; 9] = [
    "client-wasm",
    "shared",
    "www",
    "xtask/src/site",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "xtask/src/wasm.rs",
    ".cargo/config.toml",
];

/// A digest of names, lengths and times of the sources, the tools and the mode.
///
/// # Errors
/// When a source cannot be read.
pub fn fingerprint(tools: &PageTools, release: bool) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(format!(
        "{} {release}\n{}\n",
        tools.toolchain.name(),
        tools.toolchain.version()?
    ));
    for tool in [&tools.trunk, &tools.wasm_bindgen, &tools.wasm_opt] {
        digest.update(tool.as_os_str().as_encoded_bytes());
        digest.update("\n");
    }
    for source in SOURCES {
        add(&workspace::root().join(source), &mut digest)?;
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn add(path: &Path, digest: &mut Sha256) -> Result<()> {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        return entries
            .iter()
            .try_for_each(|entry| add(&entry.path(), digest));
    }
    let meta = path
        .metadata()
        .with_context(|| format!("cannot read {}", path.display()))?;
    let modified = meta.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    digest.update(format!("{} {} {modified}\n", path.display(), meta.len()));
    Ok(())
}
