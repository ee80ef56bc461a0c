//! Turns `locales/<language>/*.ftl` into Rust functions, so that no Fluent runtime is shipped.
//!
//! Each message becomes one function with typed arguments that picks the person's language. A key
//! missing in a language, an argument that differs between two, or a construct that is not
//! supported stops the build with the file and the key.

#[path = "build/catalog.rs"]
mod catalog;
#[path = "build/generate.rs"]
mod generate;
#[path = "build/shell.rs"]
mod shell;

use std::{env, fs, path::Path, process::ExitCode};

/// Languages in the order of `i18n::Language`; the first is the source the others must match.
const LANGUAGES: [&str; 2] = ["en", "de"];
/// Holds some of the words too, since it is painted before the app has arrived.
const SHELL: &str = "../www/index.html";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={SHELL}");
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("locales: {message}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let mut catalogs = Vec::new();
    for language in LANGUAGES {
        catalogs.push(catalog::read(
            language,
            &Path::new("locales").join(language),
        )?);
    }
    catalog::verify_same(&catalogs)?;
    let html = fs::read_to_string(SHELL).map_err(|e| format!("{SHELL}: {e}"))?;
    shell::verify(&html, &catalogs).map_err(|e| format!("{SHELL}: {e}"))?;
    let code = generate::functions(&catalogs, &shell::keys(&html));
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    fs::write(Path::new(&out).join("messages.rs"), code).map_err(|e| e.to_string())
}
