//! Joins the page's style sheets, one per feature in the source, into one request.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Hexadecimal digits of the digest in the name: 64 bits, enough that two versions differ.
const NAME_DIGITS: usize = 16;

/// Replaces all `<link rel="stylesheet">` of `site/index.html` by one, at the place of the first.
///
/// Their order is kept, so the cascade is.
///
/// # Errors
/// When the page or a sheet cannot be read or written.
pub fn join(site: &Path) -> Result<()> {
    let page = site.join("index.html");
    let html = std::fs::read_to_string(&page).context("Trunk left no index.html")?;
    let sheets = links(&html);
    let [first, _, ..] = sheets[..] else {
        return Ok(());
    };
    let mut css = String::new();
    for link in &sheets {
        let href = attribute(link, "href").context("a style sheet without href")?;
        let file = site.join(href.trim_start_matches("./"));
        css.push_str(
            &std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?,
        );
        std::fs::remove_file(file)?;
    }
    let digest: String = Sha256::digest(&css)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let name = format!("kith-{}.css", digest.get(..NAME_DIGITS).unwrap_or(&digest));
    std::fs::write(site.join(&name), css)?;
    let joined = format!("<link rel=\"stylesheet\" href=\"./{name}\">");
    let mut result = html.replacen(first, &joined, 1);
    for link in sheets.iter().skip(1) {
        result = result.replacen(link, "", 1);
    }
    std::fs::write(page, result)?;
    Ok(())
}

/// The style sheet links, each from `<` to `>`.
fn links(html: &str) -> Vec<&str> {
    let tags = html.match_indices("<link").filter_map(|(at, _)| {
        let tag = html.get(at..)?;
        tag.get(..=tag.find('>')?)
    });
    tags.filter(|tag| attribute(tag, "rel") == Some("stylesheet"))
        .collect()
}

/// The value of `name="…"` in a tag.
pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    after.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn sheets_become_one_in_their_order() {
        let site = std::env::temp_dir().join(format!("kith-stylesheet-{}", std::process::id()));
        fs::create_dir_all(&site).unwrap();
        fs::write(site.join("a-1.css"), "a{}\n").unwrap();
        fs::write(site.join("b-2.css"), "b{}\n").unwrap();
        let html = "<head><link rel=\"icon\" href=\"./i.svg\">\
            <link rel=\"stylesheet\" href=\"./a-1.css\" integrity=\"x\">\
            <link rel=\"stylesheet\" href=\"./b-2.css\"/></head>";
        fs::write(site.join("index.html"), html).unwrap();
        join(&site).unwrap();
        let html = fs::read_to_string(site.join("index.html")).unwrap();
        let [link] = links(&html)[..] else {
            panic!("one sheet, not this: {html}")
        };
        let name = attribute(link, "href").unwrap();
        assert_eq!(fs::read_to_string(site.join(name)).unwrap(), "a{}\nb{}\n");
        assert!(html.contains("<link rel=\"icon\" href=\"./i.svg\">"));
        assert!(!site.join("a-1.css").exists());
        fs::remove_dir_all(site).unwrap();
    }
}
