//! Programs from crates.io.

use super::cached;
use crate::{process, workspace};
use anyhow::Result;
use std::path::PathBuf;

/// A program that `cargo install` builds.
pub struct Tool<'a> {
    /// The crate.
    pub package: &'a str,
    /// The binary.
    pub program: &'a str,
    /// The one version that is right.
    pub version: &'a str,
    /// Whether the crate's own lock file is used.
    pub locked: bool,
    /// The only features to build, if not those that its author chose.
    pub features: Option<&'a str>,
}

impl Tool<'_> {
    /// The program of this version: from `PATH`, from the cache, or newly built into it.
    ///
    /// # Errors
    /// When it does not build.
    pub fn path(&self) -> Result<PathBuf> {
        match self.on_path() {
            Some(found) => Ok(found),
            None => cached(&self.folder(), &self.file(), |directory| {
                self.install(directory)
            }),
        }
    }

    /// The program of this version, if it is there already.
    ///
    /// # Errors
    /// When this user has no cache.
    pub fn found(&self) -> Result<Option<PathBuf>> {
        let kept = workspace::cache()?.join(self.folder()).join(self.file());
        Ok(self.on_path().or_else(|| kept.exists().then_some(kept)))
    }

    fn folder(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    fn file(&self) -> String {
        format!("bin/{}", self.program)
    }

    fn on_path(&self) -> Option<PathBuf> {
        process::find(self.program).filter(|found| self.is_right(found))
    }

    fn is_right(&self, found: &PathBuf) -> bool {
        process::read(process::command(found).arg("--version"))
            .is_ok_and(|says| says.split_whitespace().any(|word| word == self.version))
    }

    fn install(&self, directory: &std::path::Path) -> Result<()> {
        let objects = directory.join("target");
        let mut cargo = process::cargo();
        cargo.args(["install", self.package, "--version", self.version]);
        cargo
            .arg("--root")
            .arg(directory)
            .arg("--target-dir")
            .arg(&objects);
        if let Some(features) = self.features {
            cargo.args(["--no-default-features", "--features", features]);
        }
        if self.locked {
            cargo.arg("--locked");
        }
        process::run(&mut cargo)?;
        std::fs::remove_dir_all(objects)?;
        Ok(())
    }
}
