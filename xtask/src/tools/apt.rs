//! Packages of Debian and its relatives.

use crate::{process, step};
use anyhow::{Result, bail};

/// Installs packages when that needs no password; else names the command that does.
///
/// # Errors
/// When this is no Debian, when this user may not install, or when apt does not succeed.
pub fn install(packages: &[&str]) -> Result<()> {
    let words = packages.join(" ");
    if process::find("apt-get").is_none() {
        bail!(
            "missing: {words} (Debian's names; install their like with your system's package manager)"
        );
    }
    if process::read(process::command("id").arg("-u"))? != "0" {
        bail!("missing system packages; install them with: sudo apt-get install -y {words}");
    }
    step::step(&format!("Installing {words}"), || {
        process::run(apt_get().args(["-qq", "update"]))?;
        process::run(
            apt_get()
                .args(["-q", "-y", "--no-install-recommends", "install"])
                .args(packages),
        )
    })
}

fn apt_get() -> std::process::Command {
    let mut command = process::command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
