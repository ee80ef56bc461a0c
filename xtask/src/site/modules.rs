//! Makes two small modules of the large one that wasm-bindgen left, and tells the page about them.

use super::{split, stylesheet::attribute};
use crate::process;
use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// What wasm-opt does. Functions in the order of their names stand beside those of the same crate,
/// which compresses better; names are gone after that.
const SHRINK: [&str; 4] = [
    "-Oz",
    "--reorder-functions-by-name",
    "--strip-debug",
    "--strip-producers",
];
/// What rustc and wasm-bindgen write beyond the first version of WebAssembly.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// Hexadecimal digits of the digest in the names: 64 bits, enough that two versions differ.
const NAME_DIGITS: usize = 16;
/// The `<meta>` that names the second module for `www/boot.js`. Not a link: no browser is to fetch
/// it before the first screen stands.
const SECOND: &str = "second-module";

/// Replaces the module that `site/index.html` preloads by its first part, and names the second.
///
/// # Errors
/// When the page preloads no module, it cannot be split, or wasm-opt does not take a part.
pub fn divide(site: &Path, wasm_opt: &Path) -> Result<()> {
    let page = site.join("index.html");
    let html = std::fs::read_to_string(&page).context("Trunk left no index.html")?;
    let href = preloaded(&html).context("index.html preloads no module")?;
    let whole = site.join(href.trim_start_matches("./"));
    let module =
        std::fs::read(&whole).with_context(|| format!("cannot read {}", whole.display()))?;
    let parts = split::split(&module)?;
    std::fs::remove_file(whole)?;
    let first = shrink(site, "kith", &parts.first, wasm_opt)?;
    let second = shrink(site, "kith-second", &parts.second, wasm_opt)?;
    let meta = format!("<meta name=\"{SECOND}\" content=\"./{second}\">\n</head>");
    let html = html
        .replace(href, &format!("./{first}"))
        .replacen("</head>", &meta, 1);
    std::fs::write(page, html)?;
    Ok(())
}

/// The address of the second module.
pub fn second(html: &str) -> Option<&str> {
    let mut tags = html.split('<');
    let tag = tags.find(|tag| attribute(tag, "name") == Some(SECOND))?;
    attribute(tag, "content")
}

fn preloaded(html: &str) -> Option<&str> {
    let mut tags = html.split('<');
    let tag = tags.find(|tag| {
        attribute(tag, "rel") == Some("preload") && attribute(tag, "as") == Some("fetch")
    })?;
    attribute(tag, "href")
}

/// Writes the module into `site`, small, and returns its name there.
fn shrink(site: &Path, name: &str, module: &[u8], wasm_opt: &Path) -> Result<String> {
    let digest = Sha256::digest(module)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let name = format!(
        "{name}-{}.wasm",
        digest.get(..NAME_DIGITS).unwrap_or(&digest)
    );
    let file = site.join(&name);
    std::fs::write(&file, module)?;
    let mut shrink = process::command(wasm_opt);
    process::run(
        shrink
            .arg(&file)
            .arg("-o")
            .arg(&file)
            .args(SHRINK)
            .args(FEATURES),
    )?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_both_modules() {
        let html = "<link rel=\"modulepreload\" href=\"./a.js\">\
            <link rel=\"preload\" href=\"./a_bg.wasm\" as=\"fetch\" type=\"application/wasm\">\
            <meta name=\"second-module\" content=\"./b.wasm\">";
        assert_eq!(preloaded(html), Some("./a_bg.wasm"));
        assert_eq!(second(html), Some("./b.wasm"));
        assert_eq!(second("<meta name=\"viewport\" content=\"x\">"), None);
    }
}
