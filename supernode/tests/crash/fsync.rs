//! A disk that refuses an fsync, as the kernel tells it once: `strace` answers in the kernel's place.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use shared::base::id::EnvelopeId;
use shared::mailbox::wire::DepositCode;

use crate::line::{Line, PATIENCE};
use crate::recipient::Recipient;
use crate::sender::deposit;
use crate::server::Server;

/// From now on until it is dropped, every fsync of a supernode fails.
struct FailingDisk(Child);

impl FailingDisk {
    async fn of(server: &Server) -> Self {
        let process = server.process.id().to_string();
        let calls = "fdatasync,fsync";
        let strace = Command::new("strace")
            .args(["-f", "-q", "-o", "/dev/null", "-p", &process])
            .args(["-e", &format!("trace={calls}")])
            .args(["-e", &format!("inject={calls}:error=EIO")])
            .stderr(Stdio::null())
            .spawn();
        let strace = strace.expect("strace; install it with: apt-get install strace");
        let status = format!("/proc/{process}/status");
        let began = Instant::now();
        while tracer(&status) == "0" {
            assert!(
                began.elapsed() < PATIENCE,
                "strace may not trace a child of this test"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Its threads follow the first at once.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Self(strace)
    }
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        let strace = i32::try_from(self.0.id()).unwrap();
        let strace = nix::unistd::Pid::from_raw(strace);
        // Killed, it would leave the supernode stopped.
        nix::sys::signal::kill(strace, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.0.wait().unwrap();
    }
}

fn tracer(status: &str) -> String {
    let status = std::fs::read_to_string(status).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"));
    line.unwrap().trim().to_owned()
}

fn letter(number: u8) -> EnvelopeId {
    EnvelopeId([number; 16])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_fsync_left_behind_never_counts() {
    let (server, data) = Server::fresh(&[]);
    let mut ben = Recipient::new(2, 0);
    ben.waiting(server.address).await.unwrap();
    let mut anns = Line::open(server.address).await.unwrap();
    let code = deposit(&mut anns, &ben.person, letter(1)).await;
    assert_eq!(code, Some(DepositCode::Ok));

    let failing = FailingDisk::of(&server).await;
    let code = deposit(&mut anns, &ben.person, letter(2)).await;
    assert_eq!(code, Some(DepositCode::Storage));
    drop(failing);

    // As soon as the disk works again, so does the supernode, and nothing is mixed up.
    let began = Instant::now();
    while deposit(&mut anns, &ben.person, letter(3)).await != Some(DepositCode::Ok) {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.kill();
    let server = Server::start(data.path(), &[]);
    ben.fetch_all(server.address).await.unwrap();
    assert_eq!(Vec::from_iter(ben.shown), [letter(1), letter(3)]);
    let (status, ..) = server.terminate();
    assert!(status.success());
}
