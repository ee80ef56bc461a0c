//! The rules that prose cannot guard, checked over the files that git knows or would add.
//!
//! Each rule is a function from a [`Source`] (or all of them) to findings; a finding names file
//! and line and says what to do. `cargo xtask tidy` prints them; `cargo xtask test` and this
//! package's own tests fail on one.

mod boundaries;
mod fluent;
mod pages;
mod policy;
mod text;

use crate::args::Arguments;
use crate::{process, workspace};
use anyhow::{Result, bail};

/// One text file of the repository.
#[derive(Debug)]
pub struct Source {
    /// Relative to the root, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// The lines with their numbers, from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn finding(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// `cargo xtask tidy`.
///
/// # Errors
/// When a rule is broken.
pub fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    check()?;
    println!("tidy");
    Ok(())
}

/// Checks every rule.
///
/// # Errors
/// Lists all findings.
pub fn check() -> Result<()> {
    let findings = findings(&sources()?);
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{} findings\n{}", findings.len(), findings.join("\n"));
}

fn findings(sources: &[Source]) -> Vec<String> {
    let each = sources.iter().flat_map(|source| {
        text::check(source)
            .into_iter()
            .chain(boundaries::check(source))
    });
    each.chain(fluent::check(sources))
        .chain(pages::check(sources))
        .chain(policy::check(sources))
        .collect()
}

/// The text files that are in git, or would be.
fn sources() -> Result<Vec<Source>> {
    let list = process::read(process::command("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let read = |path: &str| {
        let text = String::from_utf8(std::fs::read(workspace::root().join(path)).ok()?).ok()?;
        Some(Source {
            path: path.to_owned(),
            text,
        })
    };
    Ok(list.lines().filter_map(read).collect())
}

/// A source for the rules' own tests.
#[cfg(test)]
fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        if let Err(error) = super::check() {
            panic!("{error}");
        }
    }
}
