//! Rules on any text: length, trailing white space, words that do not belong here.

use super::Source;

/// Longest Rust file, in lines. A file is one idea; a longer one holds two.
const LINES_MAX: usize = 400;
/// Files that are longer, each with its reason.
const LONG_BY_NATURE: [(&str, &str); 0] = [];
/// Parts of paths of one machine, in halves so that this file does not hold them.
const MACHINE_PATHS: [(&str, &str); 4] = [
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/wo", "rk/"),
    ("/tm", "p/"),
];

/// Checks one file.
pub fn check(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = source.text.lines().count();
    let is_long_by_nature = LONG_BY_NATURE.iter().any(|(path, _)| *path == source.path);
    if source.is_rust() && lines > LINES_MAX && !is_long_by_nature {
        findings.push(source.finding(
            lines,
            &format!("longer than {LINES_MAX} lines: split it by ideas"),
        ));
    }
    for (number, line) in source.lines() {
        if line.ends_with([' ', '\t']) {
            findings.push(source.finding(number, "white space at the end of the line"));
        }
        for (start, end) in MACHINE_PATHS {
            if line.contains(&format!("{start}{end}")) {
                findings.push(source.finding(number, "a path of one machine"));
            }
        }
    }
    if !source.text.is_empty() && !source.text.ends_with('\n') && !is_data(&source.path) {
        findings.push(source.finding(lines, "no newline at the end of the file"));
    }
    findings
}

/// Vectors and pictures keep the bytes they came with.
fn is_data(path: &str) -> bool {
    [".json", ".svg", ".hex"]
        .iter()
        .any(|suffix| path.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn the_longest_file_is_allowed_and_one_line_more_is_not() {
        assert_eq!(check(&source("a.rs", &"x\n".repeat(LINES_MAX))).len(), 0);
        assert_eq!(
            check(&source("a.rs", &"x\n".repeat(LINES_MAX + 1))).len(),
            1
        );
        assert_eq!(
            check(&source("Cargo.lock", &"x\n".repeat(LINES_MAX + 1))).len(),
            0
        );
    }

    #[test]
    fn loose_ends_are_found_with_their_line() {
        assert_eq!(
            check(&source("a.md", "good\nbad \n")),
            ["a.md:2: white space at the end of the line"]
        );
        assert_eq!(
            check(&source("a.md", "bad")),
            ["a.md:1: no newline at the end of the file"]
        );
        let path = MACHINE_PATHS
            .map(|(start, end)| format!("{start}{end}x\n"))
            .concat();
        assert_eq!(check(&source("a.md", &path)).len(), MACHINE_PATHS.len());
    }
}
