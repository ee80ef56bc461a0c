//! The budget: the first load may not grow unnoticed.
//!
//! What counts is what a browser transfers until the page is usable: `index.html` and every file
//! it names, each as brotli. `docs/budget.json` holds the recorded figure for each flavour of
//! the toolchain.

use super::{compress::with_suffix, stylesheet::attribute};
use crate::{args::Arguments, step, workspace};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How far past the recorded figure the first load may be, in percent.
const GROWTH_PERCENT_MAX: u64 = 5;
/// The one key of a flavour's record.
const BYTES: &str = "first_load_brotli_bytes";

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
    let mut total = 0;
    for file in first_load(&site.directory)? {
        let bytes = transferred(&file)?;
        println!(
            "{bytes:>9}  {}",
            file.strip_prefix(&site.directory)?.display()
        );
        total += bytes;
    }
    println!(
        "{total:>9}  bytes as brotli until the page is usable ({})",
        site.toolchain.name()
    );
    let file = workspace::root().join("docs/budget.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| "{}".to_owned());
    let mut budget: Value = serde_json::from_str(&text).context("docs/budget.json is not JSON")?;
    if record {
        budget[site.toolchain.name()] = json!({ BYTES: total });
        std::fs::write(file, format!("{budget:#}\n"))?;
        return Ok(());
    }
    match budget[site.toolchain.name()][BYTES].as_u64() {
        Some(recorded) => verdict(total, recorded),
        None => {
            step::note("no figure is recorded for this toolchain: nothing to compare with");
            Ok(())
        }
    }
}

fn verdict(total: u64, recorded: u64) -> Result<()> {
    let most = recorded + recorded * GROWTH_PERCENT_MAX / 100;
    if total > most {
        bail!(
            "the first load is {total} bytes; {recorded} are recorded and {most} allowed. Make it smaller, or \
             explain the growth in the commit that runs `cargo xtask check-size --record`"
        );
    }
    Ok(())
}

/// `index.html` and the local files it names.
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
        verdict(105_000, 100_000).unwrap();
        let error = verdict(105_001, 100_000).unwrap_err().to_string();
        assert!(error.contains("--record"), "{error}");
    }

    #[test]
    fn the_first_load_is_the_page_and_what_it_names() {
        let site = std::env::temp_dir().join(format!("kith-budget-{}", std::process::id()));
        fs::create_dir_all(&site).unwrap();
        let html = "<link rel=\"preload\" href=\"./a.wasm\"><script src=\"./b.js\"></script><a href=\"./gone\">x</a>\
            <link rel=\"apple-touch-icon\" href=\"./later.js\">";
        fs::write(site.join("index.html"), html).unwrap();
        for (name, bytes) in [
            ("a.wasm", 50),
            ("a.wasm.br", 7),
            ("b.js", 3),
            ("later.js", 9),
        ] {
            fs::write(site.join(name), vec![0; bytes]).unwrap();
        }
        let sizes: Vec<_> = first_load(&site)
            .unwrap()
            .iter()
            .map(|file| transferred(file).unwrap())
            .collect();
        assert_eq!(sizes, [7, 3, html.len() as u64]);
        fs::remove_dir_all(site).unwrap();
    }
}
