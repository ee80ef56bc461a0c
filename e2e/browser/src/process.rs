//! A child process that writes to a log file and never outlives its owner.

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::wait;

/// Ends the group of its first argument when its input ends, which happens however this process
/// itself ends: at the interrupt key and SIGKILL nothing is dropped.
const WATCH: &str = "read -r _; kill -9 \"-$1\"";

/// A running child, leader of a process group of its own.
pub struct Process {
    child: Child,
    watch: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, appending its output to `log`.
    ///
    /// # Errors
    /// When the log cannot be opened or the program cannot be started.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let out = File::options().create(true).append(true).open(log)?;
        let program = command.get_program().to_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let watch = Command::new("sh")
            .args(["-c", WATCH, "watch", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting the watch over a child")?;
        Ok(Self {
            child,
            watch,
            log: log.to_path_buf(),
        })
    }

    /// Everything written so far.
    #[must_use]
    pub fn output(&self) -> String {
        fs::read(&self.log)
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    /// True until the process has ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks the process to end (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// When it has not ended within `patience`.
    pub async fn terminate(&mut self, patience: Duration) -> Result<ExitStatus> {
        kill(self.pid(), Signal::SIGTERM)?;
        wait::until_within("the process to end", patience, async || {
            Ok(self.child.try_wait()?)
        })
        .await
    }

    /// Ends the process and its group at once (SIGKILL), as a power cut would.
    pub fn kill(&mut self) {
        // Any of them may already be gone: that is what was asked for.
        let _ = self.watch.kill();
        let _ = self.watch.wait();
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }

    /// The process's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Leaves the process as if its owner had been killed: only the watch ends it.
    pub fn abandon(mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
        let _ = self.child.wait();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
