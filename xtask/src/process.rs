//! Other programs: run them, read what they say, stop waiting for them.

use anyhow::{Context as _, Result, bail};
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a child under a time limit is looked at.
const POLL: Duration = Duration::from_millis(100);

/// A command that runs in the repository's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::workspace::root());
    command
}

/// The cargo that started xtask.
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs the command with this terminal.
///
/// # Errors
/// When it cannot start or does not succeed; the message names the whole line.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs the command and returns what it printed, trimmed.
///
/// # Errors
/// When it cannot start or does not succeed.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", line(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}\n{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs the command quietly for at most `limit`; says whether it succeeded in time.
pub fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let Ok(mut child) = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    else {
        return false;
    };
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < limit => std::thread::sleep(POLL),
            _ => {
                // Either it is already gone or it is ours to end; both are the answer "no".
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// The first file of that name on `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

/// `PATH` with `directories` before it.
///
/// # Errors
/// When a directory's name holds a separator.
pub fn path_with<'a>(
    directories: impl IntoIterator<Item = &'a Path>,
) -> Result<std::ffi::OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = directories
        .into_iter()
        .map(Path::to_owned)
        .chain(env::split_paths(&old));
    env::join_paths(all).context("a tool's directory cannot stand on PATH")
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_past_its_limit_is_a_no() {
        assert!(succeeds_within(
            &mut command("true"),
            Duration::from_secs(5)
        ));
        assert!(!succeeds_within(
            &mut command("false"),
            Duration::from_secs(5)
        ));
        assert!(!succeeds_within(
            command("sleep").arg("30"),
            Duration::from_millis(50)
        ));
        assert!(!succeeds_within(
            &mut command("no-such-program-anywhere"),
            Duration::from_secs(5)
        ));
    }

    #[test]
    fn a_failure_names_the_line() {
        let error = run(command("false").arg("--really")).unwrap_err();
        assert!(error.to_string().contains("`false --really`"), "{error}");
    }
}
