//! Where things are: the repository, cargo's target directory, the cache of installed tools.

use anyhow::{Context as _, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    // The manifest directory is `<root>/xtask`, so there is a parent.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// Cargo's target directory: `CARGO_TARGET_DIR`, else `target/`.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root().join(directory),
        None => root().join("target"),
    }
}

/// What xtask itself keeps between runs (stamps, choices).
///
/// # Errors
/// When the directory cannot be made.
pub fn state() -> Result<PathBuf> {
    make(target().join("kith"))
}

/// Tools installed for all clones of this user: `KITH_CACHE`, else `$XDG_CACHE_HOME/kith`, else
/// `~/.cache/kith`.
///
/// # Errors
/// When no home is known or the directory cannot be made.
pub fn cache() -> Result<PathBuf> {
    if let Some(directory) = env::var_os("KITH_CACHE") {
        return make(root().join(directory));
    }
    let caches = match env::var_os("XDG_CACHE_HOME") {
        Some(directory) => PathBuf::from(directory),
        None => env::home_dir()
            .context("no home directory: set KITH_CACHE")?
            .join(".cache"),
    };
    make(caches.join("kith"))
}

fn make(directory: PathBuf) -> Result<PathBuf> {
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory)
}

/// The version of `package` in `Cargo.lock`.
///
/// # Errors
/// When the lock file cannot be read or does not list the package.
pub fn locked_version(package: &str) -> Result<String> {
    let lock =
        std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    version_in_lock(&lock, package).with_context(|| format!("Cargo.lock does not list {package}"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_found_by_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            version_in_lock(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
