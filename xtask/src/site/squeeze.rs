//! Takes out of text files what only their readers in the source need: comments and indentation.
//!
//! Line by line and no further, so it needs no parser: names stay as they are, and brotli makes
//! up most of the rest.

use anyhow::{Context as _, Result};
use std::path::Path;

/// Squeezes all scripts, style sheets and pages below `site`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn all(site: &Path) -> Result<()> {
    for file in super::publish::files(site)? {
        let squeeze = match file.extension().and_then(|extension| extension.to_str()) {
            Some("js") => script,
            Some("css") => style_sheet,
            Some("html") => page,
            _ => continue,
        };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        std::fs::write(&file, squeeze(&text))?;
    }
    Ok(())
}

/// Drops lines that are wholly comment, and indentation. A script with a text that spans lines
/// is left alone: there, white space means something.
fn script(text: &str) -> String {
    if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return text.to_owned();
    }
    let mut in_comment = false;
    let mut squeezed = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        let is_comment = in_comment || line.starts_with("//");
        if in_comment && line.ends_with("*/") {
            in_comment = false;
        }
        if !is_comment && !line.is_empty() {
            squeezed.push_str(line);
            squeezed.push('\n');
        }
    }
    squeezed
}

/// Drops comments, indentation, and the line breaks and spaces that rules do not need.
fn style_sheet(text: &str) -> String {
    let bare = without(text, "/*", "*/");
    let lines = bare.lines().map(str::trim).filter(|line| !line.is_empty());
    let joined = lines.collect::<Vec<_>>().join(" ");
    // Every second part stands between quotes and is kept as it is.
    let parts = joined.split('"').enumerate();
    let squeezed = parts.map(|(index, part)| match index % 2 {
        0 => tighten(part),
        _ => part.to_owned(),
    });
    squeezed.collect::<Vec<_>>().join("\"")
}

fn tighten(rules: &str) -> String {
    let mut tight = rules.to_owned();
    for (long, short) in [
        ("{ ", "{"),
        ("; ", ";"),
        (" {", "{"),
        (" }", "}"),
        ("} ", "}"),
        (";}", "}"),
        (", ", ","),
    ] {
        tight = tight.replace(long, short);
    }
    tight
}

/// Drops comments and indentation. Line breaks stay: between words they are spaces.
fn page(text: &str) -> String {
    let bare = without(text, "<!--", "-->");
    let lines = bare.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// `text` without what stands between `open` and `close`, and without these.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut parts = text.split(open);
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once(close).map_or("", |(_, after)| after));
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_keep_all_that_runs() {
        let source = "/**\n * Says it.\n */\nfunction say(a) {\n    // why\n    return a / 2; // half\n}\n\n";
        assert_eq!(
            script(source),
            "function say(a) {\nreturn a / 2; // half\n}\n"
        );
        let spanning = "const a = `one\n    two`;\n";
        assert_eq!(script(spanning), spanning);
        assert_eq!(script("/* one line */\nrun();"), "run();\n");
    }

    #[test]
    fn style_sheets_keep_their_meaning() {
        let source = "/* why */\n.a,\n.b > .c {\n  margin: 0 calc(1px + 2px);\n  color: red;\n}\n\n@media (x: y) {\n  a:not(.b) .c { content: \", \"; }\n}\n";
        let squeezed = ".a,.b > .c{margin: 0 calc(1px + 2px);color: red}@media (x: y){a:not(.b) .c{content: \", \"}}";
        assert_eq!(style_sheet(source), squeezed);
    }

    #[test]
    fn pages_keep_their_words_apart() {
        assert_eq!(
            page("<p>\n    one\n    two <!-- not\n this --></p>\n"),
            "<p>\none\ntwo </p>\n"
        );
    }
}
