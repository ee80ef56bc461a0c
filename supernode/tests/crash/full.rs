//! A disk that fills up: a small one in memory, in a mount namespace of its own.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::statvfs::statvfs;
use shared::base::id::EnvelopeId;
use shared::base::random::bytes;
use shared::mailbox::wire::DepositCode;

use crate::dice::Dice;
use crate::line::{Line, PATIENCE};
use crate::recipient::Recipient;
use crate::sender::deposit;
use crate::server::Server;

/// Tells the test that it runs in the namespace, and where its small disk is.
const DISK: &str = "KITH_TEST_SMALL_DISK";
/// Size of the disk.
const DISK_BYTES: u64 = 256 * 1024 * 1024;
/// What the supernode is told to leave free.
const RESERVE_BYTES: u64 = 100 * 1024 * 1024;

/// Runs the test `name` again in a namespace where a small disk is mounted. Returns where, once there.
fn on_a_small_disk(name: &str) -> Option<String> {
    if let Ok(disk) = std::env::var(DISK) {
        return Some(disk);
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().to_str().unwrap();
    let script =
        format!("mount -t tmpfs -o size={DISK_BYTES} tmpfs {disk} && exec \"$0\" --exact {name}");
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(DISK, disk)
        .output()
        .expect("unshare, of the package util-linux");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(
        said.contains("running 1 test"),
        "no disk could be mounted; this needs user namespaces (sysctl \
         kernel.unprivileged_userns_clone=1) or root: {complained}"
    );
    assert!(output.status.success(), "{said}{complained}");
    None
}

fn free(disk: &Path) -> u64 {
    let stat = statvfs(disk).unwrap();
    stat.blocks_available() * stat.fragment_size()
}

/// Takes all that is left.
fn fill(disk: &Path) {
    let mut file = File::create(disk.join("of somebody else")).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    assert!(free(disk) < 4096);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_deposits_and_lets_everything_else_go_on() {
    let name = "full::a_full_disk_refuses_deposits_and_lets_everything_else_go_on";
    let Some(disk) = on_a_small_disk(name) else {
        return;
    };
    let disk = Path::new(&disk);
    let reserve = RESERVE_BYTES.to_string();
    let flags = [
        "--disk-reserve-bytes",
        &reserve,
        "--frames-burst",
        "1000000",
        "--mailbox-bytes-max",
        "1000000000",
    ];
    let server = Server::start(disk, &flags);
    let [mut ann, mut ben] = [Recipient::new(1, 1), Recipient::new(2, 2)];
    ann.waiting(server.address).await.unwrap();
    ben.waiting(server.address).await.unwrap();

    let mut dice = Dice::new(5);
    let mut kept = Vec::new();
    let mut line = Line::open(server.address).await.unwrap();
    let mut letter = || {
        let mut id = EnvelopeId(bytes(&mut dice));
        id.0[0] = u8::MAX;
        id
    };
    let refused = loop {
        let id = letter();
        let to = if kept.len() % 2 == 0 { &ann } else { &ben };
        match deposit(&mut line, &to.person, id).await.unwrap() {
            DepositCode::Ok => kept.push(id),
            other => break other,
        }
    };
    assert_eq!(refused, DepositCode::NoRoom);
    assert!(free(disk) > RESERVE_BYTES / 2, "{} are free", free(disk));
    assert!(kept.len() > 1000, "{} were kept", kept.len());

    // Nothing is left at all. Ann fetches and acknowledges, and the supernode starts again.
    let ballast = disk.join("store/ballast");
    assert!(ballast.exists());
    fill(disk);
    let refused = deposit(&mut line, &ann.person, letter()).await;
    assert_eq!(refused, Some(DepositCode::NoRoom));
    server.kill();
    let server = Server::start(disk, &flags);
    ann.fetch_all(server.address).await.unwrap();
    let (status, ..) = server.terminate();
    assert!(status.success(), "{status}");
    let server = Server::start(disk, &flags);
    assert_eq!(ann.waiting(server.address).await, Some(0));
    let mut line = Line::open(server.address).await.unwrap();

    // Somebody makes room.
    fs::remove_file(disk.join("of somebody else")).unwrap();
    let began = Instant::now();
    let id = letter();
    while deposit(&mut line, &ann.person, id).await.unwrap() != DepositCode::Ok {
        assert!(began.elapsed() < PATIENCE, "{} are free", free(disk));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    kept.push(id);
    ann.fetch_all(server.address).await.unwrap();
    ben.fetch_all(server.address).await.unwrap();
    assert!(
        kept.iter()
            .all(|id| ann.shown.contains(id) || ben.shown.contains(id))
    );
    assert_eq!(ann.shown.len() + ben.shown.len(), kept.len());
    while !ballast.exists() {
        assert!(began.elapsed() < PATIENCE, "nothing is put aside again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (status, ..) = server.terminate();
    assert!(status.success());
}
