//! The real program, on a free port.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Longest time in which a supernode ends.
const ENDING: Duration = Duration::from_secs(60);

/// A running supernode; killed when dropped.
pub struct Server {
    pub process: Child,
    pub address: SocketAddr,
    pub log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts one with a fresh data folder.
    pub fn fresh(flags: &[&str]) -> (Self, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Self::start(folder.path(), flags), folder)
    }

    /// Starts one on `data`.
    pub fn start(data: &Path, flags: &[&str]) -> Self {
        Self::start_with(data, flags, &[])
    }

    /// Starts one on `data` with these environment variables.
    pub fn start_with(data: &Path, flags: &[&str], variables: &[(&str, OsString)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_supernode"))
            .args(["--http", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(flags)
            .envs(variables.iter().cloned())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut text = String::new();
        let port = loop {
            let mut line = String::new();
            assert!(
                stderr.read_line(&mut line).unwrap() > 0,
                "the supernode ended: {text}"
            );
            text.push_str(&line);
            if let Some((_, port)) = line.split_once("listening port=") {
                break port.trim().parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(text));
        let sink = Arc::clone(&log);
        thread::spawn(move || {
            let mut chunk = [0; 1024];
            while let Ok(count) = stderr.read(&mut chunk) {
                if count == 0 {
                    break;
                }
                sink.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&chunk[..count]));
            }
        });
        Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            log,
        }
    }

    /// As a power cut would.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to drain, and waits.
    pub fn terminate(self) -> (ExitStatus, Duration, String) {
        self.signal(Signal::SIGTERM);
        self.ended()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let process = i32::try_from(self.process.id()).unwrap();
        kill(Pid::from_raw(process), signal).unwrap();
    }

    /// Waits until it ends. Returns how, after how long, and what it said.
    pub fn ended(mut self) -> (ExitStatus, Duration, String) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            let log = self.log.lock().unwrap();
            assert!(began.elapsed() < ENDING, "it does not end: {log}");
            drop(log);
            thread::sleep(Duration::from_millis(5));
        };
        let took = began.elapsed();
        thread::sleep(Duration::from_millis(50));
        let log = self.log.lock().unwrap().clone();
        (status, took, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
