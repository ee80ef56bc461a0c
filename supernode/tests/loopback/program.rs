//! The program as an operator calls it.

use std::process::{Command, Output};

use crate::server::Server;

fn call(flags: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_supernode"))
        .args(flags)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn it_says_what_it_is_and_what_it_takes() {
    assert!(stdout(&call(&["--version"], &[])).starts_with("supernode "));
    let help = stdout(&call(&["--help"], &[]));
    assert!(
        help.contains("--http") && help.contains("--data") && help.contains("--config"),
        "{help}"
    );
}

#[test]
fn the_printed_settings_are_a_file_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kith.toml");
    let file = file.to_str().unwrap();
    let printed = stdout(&call(
        &["--print-config"],
        &[("KITH_HTTP", "127.0.0.1:9"), ("KITH_ROUTES", "wss://a/ws")],
    ));
    assert!(
        printed.contains("http = \"127.0.0.1:9\"") && printed.contains("routes = [\"wss://a/ws\"]"),
        "{printed}"
    );
    std::fs::write(file, &printed).unwrap();
    assert_eq!(
        stdout(&call(&["--print-config", "--config", file], &[])),
        printed
    );
    let flagged = stdout(&call(
        &["--print-config", "--config", file, "--http", "127.0.0.1:10"],
        &[("KITH_HTTP", "127.0.0.1:11")],
    ));
    assert!(flagged.contains("http = \"127.0.0.1:10\""), "{flagged}");
}

#[test]
fn mistakes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kith.toml");
    std::fs::write(&file, "htpp = \"127.0.0.1:1\"\n").unwrap();
    let file = file.to_str().unwrap();
    for (flags, expected) in [
        (
            vec!["--http", "nowhere"],
            "--http: http = \"nowhere\": expected ADDRESS:PORT",
        ),
        (vec!["--mailboxes-max", "many"], "expected a whole number"),
        (vec!["--mailbox", "1"], "did you mean mailboxes_max"),
        (vec!["--config", file], "there is no setting \"htpp\""),
        (
            vec!["--config", "/nowhere/kith.toml"],
            "cannot read /nowhere/kith.toml",
        ),
        (vec!["--http"], "--http needs a value"),
        (vec!["serve"], "unexpected \"serve\""),
    ] {
        let output = call(&flags, &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(expected), "{expected} not in {text}");
        assert_eq!(output.status.code(), Some(64));
    }
}

#[test]
fn a_data_folder_serves_one_supernode_at_a_time() {
    let (_server, data) = Server::fresh(&[]);
    let output = call(
        &[
            "--http",
            "127.0.0.1:0",
            "--data",
            data.path().to_str().unwrap(),
        ],
        &[],
    );
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("is another supernode using this data folder?")
    );
}
