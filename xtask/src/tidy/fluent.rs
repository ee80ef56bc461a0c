//! What a person reads: every language has the same strings, and each is used.

use super::Source;
use std::collections::{BTreeMap, BTreeSet};

/// The language that the others follow.
const FIRST_LANGUAGE: &str = "en";
/// Where code asks for strings: `t::your_name()`.
const CODE: &str = "client-wasm/src/";
/// Where the page's shell names them: `data-t="your-name"`.
const SHELL: &str = "www/index.html";

/// Checks all files `…/LANGUAGE/FEATURE.ftl`.
pub fn check(sources: &[Source]) -> Vec<String> {
    let mut languages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        if let Some(language) = language(&source.path) {
            languages
                .entry(language)
                .or_default()
                .extend(keys(&source.text));
        }
    }
    let Some(first) = languages.get(FIRST_LANGUAGE) else {
        return Vec::new();
    };
    let used = used(sources);
    let mut findings = Vec::new();
    for (language, keys) in &languages {
        let missing = first.difference(keys);
        findings.extend(missing.map(|key| format!("{language}: has no `{key}`")));
        let foreign = keys.difference(first);
        findings
            .extend(foreign.map(|key| format!("{language}: `{key}` is not in {FIRST_LANGUAGE}")));
    }
    let unused = first.iter().filter(|key| !used.contains(**key));
    findings.extend(unused.map(|key| format!("{FIRST_LANGUAGE}: `{key}` is not used")));
    findings
}

/// The folder of a Fluent file.
fn language(path: &str) -> Option<&str> {
    path.strip_suffix(".ftl")?.rsplit('/').nth(1)
}

/// Message names: at the start of a line, before `=`. Terms (`-name`) are used by messages only.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    let messages = text
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()));
    messages.filter_map(|line| Some(line.split_once('=')?.0.trim()))
}

/// The messages that code or the page's shell asks for.
fn used(sources: &[Source]) -> BTreeSet<String> {
    let is_code = |source: &&Source| source.is_rust() && source.path.starts_with(CODE);
    let code = sources.iter().filter(is_code);
    let by_code = code.flat_map(|source| names_after("t::", &source.text));
    let shell = sources.iter().filter(|source| source.path == SHELL);
    let by_shell = shell.flat_map(|source| names_after("data-t=\"", &source.text));
    by_code.chain(by_shell).collect()
}

/// The names that follow each `mark`, as Fluent spells them.
fn names_after<'a>(mark: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let is_part = |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
    text.split(mark).skip(1).map(move |rest| {
        let name = rest.chars().take_while(is_part);
        name.map(|letter| if letter == '_' { '-' } else { letter })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn missing_foreign_and_unused_strings_are_found() {
        let english =
            "send-it = Send\nold = Old\n    more = not a key\n# note = no\ncrash = Crash\n";
        let sources = [
            source("client-wasm/locales/en/a.ftl", english),
            source(
                "client-wasm/locales/de/a.ftl",
                "send-it = Senden\nneu = Neu\ncrash = Absturz\n",
            ),
            source(
                "client-wasm/src/chat.rs",
                "label={t::send_it()} title={t::older()}",
            ),
            source("www/index.html", "<h1 data-t=\"crash\">"),
        ];
        let expected = [
            "de: has no `old`",
            "de: `neu` is not in en",
            "en: `old` is not used",
        ];
        assert_eq!(check(&sources), expected);
    }
}
