//! The budget: the first load may not grow unnoticed.
//!
//! What counts is what a browser transfers until the page is usable: `index.html` and every file
//! it links, each as brotli. Counted apart is that with the second module, which comes after. The
//! recorded figures stand in `docs/budget.json`, for each flavour of the toolchain.

use super::{compress::with_suffix, modules, stylesheet::attribute};
use crate::{args::Arguments, step, workspace};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How far past the recorded figure the first load may be, in percent.
const GROWTH_PERCENT_MAX: u64 = 5;
/// The keys of a flavour's record: until the page is usable, and until all of it is there.
const FIRST_LOAD: &str = "first_load_brotli_bytes";
const WHOLE: &str = "whole_brotli_bytes";

/// A link that browsers follow only when a person puts the page on a home screen.
const ONLY_WHEN_INSTALLED: &str = "apple-touch-icon";

/// `cargo xtask check-size [--record]`.
///
/// # Errors
/// When the first load is over the budget, or there is none for this toolchain.
pub fn check_size(mut arguments: Arguments) -> Result<()> {
    let record = arguments.flag("--record");
    arguments.finish()?;
    let site = super::build(true)?;
    let first = print_sizes(&site.directory, first_load(&site.directory)?)?;
    println!(
        "{first:>9}  bytes as brotli until the page is usable ({})",
        site.toolchain.name()
    );
    let whole = first + print_sizes(&site.directory, later(&site.directory)?)?;
    println!("{whole:>9}  bytes as brotli until all of it is there");
    let file = workspace::root().join("docs/budget.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| "{}".to_owned());
    let mut budget: Value = serde_json::from_str(&text).context("docs/budget.json is not JSON")?;
    let name = site.toolchain.name();
    if record {
        budget[name] = json!({ FIRST_LOAD: first, WHOLE: whole });
        std::fs::write(file, format!("{budget:#}\n"))?;
        return Ok(());
    }
    for (key, what, bytes) in [
        (FIRST_LOAD, "first load", first),
        (WHOLE, "whole page", whole),
    ] {
        match budget[name][key].as_u64() {
            Some(recorded) => verdict(what, bytes, recorded)?,
            None => step::note(&format!(
                "no {what} is recorded for this toolchain: nothing to compare with"
            )),
        }
    }
    Ok(())
}

fn print_sizes(site: &Path, files: BTreeSet<PathBuf>) -> Result<u64> {
    let mut total = 0;
    for file in files {
        let bytes = transferred(&file)?;
        println!("{bytes:>9}  {}", file.strip_prefix(site)?.display());
        total += bytes;
    }
    Ok(total)
}

fn verdict(what: &str, bytes: u64, recorded: u64) -> Result<()> {
    let most = recorded + recorded * GROWTH_PERCENT_MAX / 100;
    if bytes > most {
        bail!(
            "the {what} is {bytes} bytes; {recorded} are recorded and {most} allowed. Make it smaller, or \
             explain the growth in the commit that runs `cargo xtask check-size --record`"
        );
    }
    Ok(())
}

/// `index.html` and the local files it links.
fn first_load(site: &Path) -> Result<BTreeSet<PathBuf>> {
    let page = site.join("index.html");
    let html = std::fs::read_to_string(&page)?;
    let tags = html
        .split('<')
        .filter(|tag| attribute(tag, "rel") != Some(ONLY_WHEN_INSTALLED));
    let urls = tags.filter_map(|tag| attribute(tag, "href").or(attribute(tag, "src")));
    let named = urls
        .map(|url| site.join(url.trim_start_matches("./")))
        .filter(|file| file.is_file());
    Ok(named.chain([page.clone()]).collect())
}

/// What the page fetches once it is usable.
fn later(site: &Path) -> Result<BTreeSet<PathBuf>> {
    let html = std::fs::read_to_string(site.join("index.html"))?;
    let second = modules::second(&html).map(|url| site.join(url.trim_start_matches("./")));
    Ok(second.into_iter().collect())
}

fn transferred(file: &Path) -> Result<u64> {
    let packed = with_suffix(file, "br");
    let meta = packed.metadata().or_else(|_| file.metadata())?;
    Ok(meta.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn five_percent_more_is_allowed_and_one_byte_more_is_not() {
        verdict("first load", 105_000, 100_000).unwrap();
        let error = verdict("first load", 105_001, 100_000)
            .unwrap_err()
            .to_string();
        assert!(error.contains("--record"), "{error}");
    }

    #[test]
    fn the_first_load_is_the_page_and_what_it_links() {
        let site = std::env::temp_dir().join(format!("kith-budget-{}", std::process::id()));
        fs::create_dir_all(&site).unwrap();
        let html = "<meta name=\"second-module\" content=\"./second.wasm\"><link rel=\"preload\" href=\"./a.wasm\"><script src=\"./b.js\"></script><a href=\"./gone\">x</a>\
            <link rel=\"apple-touch-icon\" href=\"./later.js\">";
        fs::write(site.join("index.html"), html).unwrap();
        for (name, bytes) in [
            ("a.wasm", 50),
            ("a.wasm.br", 7),
            ("b.js", 3),
            ("later.js", 9),
            ("second.wasm", 11),
        ] {
            fs::write(site.join(name), vec![0; bytes]).unwrap();
        }
        let sizes = |files: BTreeSet<PathBuf>| -> Vec<_> {
            files
                .iter()
                .map(|file| transferred(file).unwrap())
                .collect()
        };
        assert_eq!(sizes(first_load(&site).unwrap()), [7, 3, html.len() as u64]);
        assert_eq!(sizes(later(&site).unwrap()), [11]);
        fs::remove_dir_all(site).unwrap();
    }
}
