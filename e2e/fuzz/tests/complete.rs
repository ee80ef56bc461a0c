//! Whether everything that reads bytes from outside has a target, and every target what it needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use e2e_fuzz::{TARGETS, corpus};

#[path = "complete/readers.rs"]
mod readers;

use readers::{FUNCTIONS, TYPES};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All sources below a folder but tests: path from the root, and text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                let name = name.replace('\\', "/");
                let is_test = name.contains("/tests") || name.contains("/vectors/");
                if !is_test {
                    let text = fs::read_to_string(path).unwrap();
                    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                    found.push((name, code.to_owned()));
                }
            }
        }
    }
    found
}

fn everything() -> Vec<(String, String)> {
    ["shared/src", "supernode/src", "client-wasm/src"]
        .map(sources)
        .concat()
}

/// Names of types that are decoded: by derive, by macro, or by hand.
fn decoded_types(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut derives = false;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[derive(") {
            derives = rest
                .trim_end_matches(")]")
                .split(", ")
                .any(|word| word == "Decode");
        }
        let rest = line.strip_prefix("pub ").unwrap_or(line);
        let declared = rest.strip_prefix("struct ").or(rest.strip_prefix("enum "));
        if let Some(declared) = declared.filter(|_| derives) {
            found.push(name_at(declared));
            derives = false;
        }
        if let Some((_, by_hand)) = line.split_once("Decode<'b, C> for ") {
            found.push(name_at(by_hand));
        }
    }
    found
}

fn name_at(text: &str) -> String {
    let is_part = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    text.chars().take_while(is_part).collect()
}

/// Functions that make something of bytes or a text, and may refuse.
fn readers_in(text: &str) -> Vec<String> {
    let names = ["decode", "parse", "read", "from_", "verify", "open", "take"];
    let mut found = Vec::new();
    for (at, _) in text.match_indices("fn ") {
        let rest = &text[at + 3..];
        let name = name_at(rest);
        let head = rest.split('{').next().unwrap_or_default();
        let takes = [": &[u8]", "&'a [u8]", "&'b [u8]"]
            .iter()
            .any(|it| head.contains(it))
            || head.contains(": &str");
        let gives = head.contains("-> Result<") || head.contains("-> Option<");
        if takes && gives && names.iter().any(|it| name.starts_with(it)) {
            found.push(name);
        }
    }
    found
}

fn is_target(name: &str) -> bool {
    TARGETS.iter().any(|target| target.name == name)
}

#[test]
fn every_type_that_is_decoded_has_a_target() {
    let mut found = BTreeSet::new();
    for (path, text) in everything() {
        for name in decoded_types(&text)
            .into_iter()
            .filter(|name| !name.is_empty())
        {
            let known = TYPES.iter().find(|(type_, ..)| *type_ == name);
            assert!(
                known.is_some_and(|(_, target, _)| is_target(target)),
                "{path}: {name} is decoded, and no fuzz target reads it: see docs/testing.md"
            );
            found.insert(name);
        }
    }
    for (name, ..) in TYPES {
        assert!(found.contains(*name), "nothing decodes {name} any more");
    }
}

#[test]
fn every_type_that_is_decoded_has_frozen_bytes() {
    let folders = ["shared/tests/vectors/wire", "supernode/tests/vectors/wire"];
    for (name, _, file) in TYPES {
        let there = |file: &str| {
            let paths = folders.map(|folder| root().join(folder).join(format!("{file}.hex")));
            paths.iter().filter(|path| path.exists()).count()
        };
        let found = there(file);
        assert_eq!(found, 1, "{name} has no frozen bytes: see docs/testing.md");
        let (kind, version) = file.split_once('.').unwrap();
        let version: u32 = version.parse().unwrap();
        let is_newest = there(&format!("{kind}.{}", version + 1)) == 0;
        assert!(is_newest, "{name} has newer bytes than {file}");
    }
}

#[test]
fn every_function_that_reads_has_a_target() {
    let mut found = BTreeSet::new();
    for (path, text) in everything() {
        for name in readers_in(&text) {
            let entry = format!("{path} {name}");
            let known = FUNCTIONS.iter().find(|(function, _)| *function == entry);
            let covered = known.is_some_and(|(_, by)| is_target(by) || by.starts_with("no: "));
            assert!(
                covered,
                "{entry} reads, and no fuzz target calls it: see docs/testing.md"
            );
            found.insert(entry);
        }
    }
    for (name, _) in FUNCTIONS {
        assert!(found.contains(*name), "{name} is not there any more");
    }
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    for target in TARGETS {
        assert!(corpus::file(target.name).exists(), "{}", target.name);
    }
    for entry in fs::read_dir(root().join("e2e/fuzz/corpus")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(is_target(name), "{} is nobody's", path.display());
    }
}
