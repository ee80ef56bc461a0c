//! A server under load, and what it takes.

use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::unistd::{SysconfVar, sysconf};
use socket2::{Domain, Socket, Type};

/// How long a server may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running program; killed when dropped.
pub struct Process(Child);

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// When the program is missing.
    pub fn start(command: &mut Command) -> Result<Self> {
        let started = command.spawn();
        let child = started.with_context(|| format!("cannot start {:?}", command.get_program()))?;
        Ok(Self(child))
    }

    /// Starts a server, whose output nobody reads, and waits until it listens on `address`.
    ///
    /// # Errors
    /// When the program is missing, ends first, or takes too long.
    pub fn serving(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let mut process = Self::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        process.listening(address)?;
        Ok(process)
    }

    /// What it was started as, for its output.
    pub fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// Waits until something listens on `address`.
    ///
    /// # Errors
    /// When it ends first, or takes too long.
    pub fn listening(&mut self, address: SocketAddr) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.0.try_wait()? {
                bail!("it ended at once: {status}");
            }
            if began.elapsed() > START_TIMEOUT {
                bail!("it does not listen on {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Resident memory, in bytes.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn memory(&self) -> Result<u64> {
        memory_of(self.0.id())
    }

    /// The number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it has ended, and gives what it printed.
    ///
    /// # Errors
    /// When it failed, or its output was not asked for.
    pub fn output(&mut self) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        let stdout = self.0.stdout.as_mut().context("no output")?;
        stdout.read_to_end(&mut output)?;
        let status = self.0.wait()?;
        ensure!(status.success(), "it failed: {status}");
        Ok(output)
    }

    /// CPU time so far, in user and kernel, of all threads that were.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn cpu_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // The second field is the name in parentheses, which may hold anything.
        let (_, rest) = stat.rsplit_once(')').context("an unreadable stat")?;
        let ticks: u64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse().unwrap_or(0_u64))
            .sum();
        let per_second = sysconf(SysconfVar::CLK_TCK)?.context("no clock tick")?;
        Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
    }
}

/// Resident memory of a process, in bytes.
///
/// # Errors
/// Where there is no `/proc`, or no such process.
pub fn memory_of(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024)
}

/// CPU time that all threads of a process which are there have taken, to the nanosecond.
///
/// # Errors
/// Where there is no `/proc`, or no such process.
pub fn cpu_of(id: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        // A thread may end while we look.
        let Ok(stat) = fs::read_to_string(thread?.path().join("schedstat")) else {
            continue;
        };
        let first = stat.split_whitespace().next().context("no schedstat")?;
        nanoseconds += first.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address of this machine whose port nobody uses on any of its addresses, nor has lately: for
/// programs that cannot choose one themselves.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into())?;
    let bound = socket.local_addr()?.as_socket_ipv4();
    let port = bound.context("no port")?.port();
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

/// Bytes on disk of all that is in `folder`.
///
/// # Errors
/// When it cannot be read.
pub fn disk(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file may go while we look: the store compacts.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        bytes += if metadata.is_dir() {
            disk(&entry.path())?
        } else {
            metadata.blocks() * 512
        };
    }
    Ok(bytes)
}
