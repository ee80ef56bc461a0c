//! The build refuses locales that would leave somebody without words.

#[allow(dead_code, reason = "the build script uses the rest")]
#[path = "../build/catalog.rs"]
mod catalog;
#[path = "../build/generate.rs"]
mod generate;
#[path = "../build/shell.rs"]
mod shell;

use catalog::{Catalog, read, verify_same};
use std::fs;
use std::path::PathBuf;

fn locale(test: &str, language: &'static str, text: &str) -> Result<Catalog, String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(test)
        .join(language);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("words.ftl"), text).unwrap();
    read(language, &folder)
}

fn both(test: &str, en: &str, de: &str) -> Result<(), String> {
    verify_same(&[locale(test, "en", en)?, locale(test, "de", de)?])
}

#[test]
fn the_same_keys_and_arguments_in_other_words_are_fine() {
    let en = "hello = Hello { $name }\ncount = { $n ->\n    [one] one\n   *[other] { $n }\n}\n";
    let de = "count = { $n ->\n    [one] eins\n   *[other] { $n }\n}\nhello = { $name }, hallo\n";
    assert_eq!(both("same", en, de), Ok(()));
}

#[test]
fn a_missing_key_is_named() {
    let error = both("missing", "a = A\nb = B\n", "a = A\n").unwrap_err();
    assert!(error.contains("de") && error.contains("`b`"), "{error}");
    assert!(
        both("more", "a = A\n", "a = A\nb = B\n")
            .unwrap_err()
            .contains("`b`")
    );
}

#[test]
fn another_argument_or_another_type_of_it_is_refused() {
    assert!(
        both("name", "a = { $x }\n", "a = { $y }\n")
            .unwrap_err()
            .contains("`a`")
    );
    let plural = "a = { $x ->\n    [one] one\n   *[other] many\n}\n";
    assert!(
        both("type", "a = { $x }\n", plural)
            .unwrap_err()
            .contains("`a`")
    );
}

#[test]
fn what_is_not_supported_is_refused_and_not_dropped() {
    for (test, text) in [
        ("attribute", "a = A\n    .title = T\n"),
        ("function", "a = { DATETIME($d) }\n"),
        ("term", "a = { -nobody }\n"),
        ("category", "a = { $n ->\n    [few] x\n   *[other] y\n}\n"),
        ("junk", "a = {\n"),
    ] {
        assert!(locale(test, "en", text).is_err(), "{test}");
    }
}

#[test]
fn each_message_becomes_one_typed_function() {
    let text = "-app = Kith\nplain = From { -app }\nof = { $name }: { NUMBER($n) }\n";
    let catalogs = [locale("generate", "en", text).unwrap()];
    let code = generate::functions(&catalogs, &["plain"]);
    assert!(code.contains("pub fn plain() -> &'static str"), "{code}");
    assert!(code.contains("From Kith"), "{code}");
    assert_eq!(code.matches("dead_code").count(), 1, "{code}");
    assert!(
        code.contains("pub fn of(n: u64, name: &str) -> String"),
        "{code}"
    );
}

#[test]
fn the_page_says_before_the_app_has_arrived_what_the_locales_say() {
    let catalogs = [
        locale("shell", "en", "hi = Hello\n").unwrap(),
        locale("shell", "de", "hi = Hallo\n").unwrap(),
    ];
    assert_eq!(
        shell::keys("<p data-t=\"hi\" data-de=\"Hallo\">Hello</p>"),
        ["hi"]
    );
    assert_eq!(
        shell::verify("<p data-t=\"hi\" data-de=\"Hallo\">Hello</p>", &catalogs),
        Ok(())
    );
    for html in [
        "<p data-t=\"hi\" data-de=\"Hallo\">Hullo</p>",
        "<p data-t=\"hi\" data-de=\"Servus\">Hello</p>",
        "<p data-t=\"hi\">Hello</p>",
        "<p data-t=\"ho\" data-de=\"Hallo\">Hello</p>",
        "<p>Hello</p>",
    ] {
        assert!(shell::verify(html, &catalogs).is_err(), "{html}");
    }
}
