//! What an operator gives is counted over restarts, and seen.

use std::time::Duration;

use crate::coturn::uclient;
use crate::program::{metric, start};
use crate::server::Server;

const ANN: [&str; 6] = ["-u", "ann", "-w", "pw", "-y", "-s"];

/// The relay publishes its numbers once a second.
fn published(server: &Server, name: &str) -> u64 {
    std::thread::sleep(Duration::from_millis(1200));
    metric(server, name)
}

#[test]
fn a_month_s_bytes_are_remembered_after_a_restart_and_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let (server, relay) = start(folder.path(), "127.0.0.1", &[]);
    uclient(relay, &ANN);
    let bytes = published(&server, "kith_turn_month_bytes");
    assert!(bytes > 0);
    let (status, _, log) = server.terminate();
    assert!(status.success(), "{log}");
    let max = (bytes + 1).to_string();
    let (server, relay) = start(
        folder.path(),
        "127.0.0.1",
        &["--turn-bytes-per-month", &max],
    );
    assert_eq!(published(&server, "kith_turn_month_bytes"), bytes);
    uclient(relay, &ANN);
    assert_eq!(published(&server, "kith_turn_allocations_total"), 0);
    assert!(metric(&server, "kith_turn_refusals_total{code=\"508\"}") > 0);
}

#[test]
fn a_user_has_a_share() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--turn-allocations-per-user-max", "1"];
    let (server, relay) = start(folder.path(), "127.0.0.1", &flags);
    uclient(relay, &ANN);
    assert_eq!(published(&server, "kith_turn_allocations_total"), 1);
    assert!(metric(&server, "kith_turn_refusals_total{code=\"486\"}") > 0);
}

#[test]
fn a_damaged_count_is_named_and_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("relayed-this-month"), "much").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_supernode"))
        .args(["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && text.contains("relayed-this-month"),
        "{text}"
    );
}
