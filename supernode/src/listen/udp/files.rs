//! A table of open files of a thread's own.
//!
//! As long as threads share one, the kernel counts with each call on a socket who is using it, and at its end
//! once more, at a place that is in no cache if there are many sockets. A thread that is the only one to use a
//! table is spared both.
//!
//! A number then means one file in the thread and another outside of it: what the thread opens, it closes, and
//! nothing that was opened on one side is ever handed to the other.

use std::fs;
use std::io;
use std::os::fd::RawFd;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::close;

/// The calling thread's files.
const OWN: &str = "/proc/thread-self/fd";
/// Standard input, output and errors are everybody's.
const STANDARD: RawFd = 2;

/// From now on the calling thread has `keep` to itself; of all others that are open, none. Where it is those that
/// it shares the table with who should not have them, they are to [`forget`] them.
///
/// # Errors
/// As the operating system says, which in a container may be that it is forbidden. Nothing has changed.
pub fn own(keep: &[RawFd]) -> io::Result<()> {
    // Who cannot look would keep everything open for ever.
    fs::read_dir(OWN)?;
    unshare(CloneFlags::CLONE_FILES)?;
    let names = fs::read_dir(OWN)?.map_while(|entry| entry.ok()?.file_name().into_string().ok());
    let numbers: Vec<RawFd> = names.filter_map(|name| name.parse().ok()).collect();
    for number in numbers {
        if number > STANDARD && !keep.contains(&number) {
            // One is the folder that has been read, and closed.
            let _ = close(number);
        }
    }
    Ok(())
}

/// Closes, here, what a thread has taken to itself.
pub fn forget(taken: &[RawFd]) {
    for number in taken {
        // They were open, and nobody here has them any more.
        let _ = close(*number);
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;
    use std::path::PathBuf;
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    /// What a number means to the calling thread.
    fn meaning(number: RawFd) -> Option<PathBuf> {
        fs::read_link(format!("{OWN}/{number}")).ok()
    }

    #[test]
    fn a_thread_has_its_socket_to_itself_and_no_other() {
        let [taken, other] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let address = taken.local_addr().unwrap();
        let (number, others) = (taken.as_raw_fd(), other.as_raw_fd());
        let was = meaning(number);
        let (say, said) = mpsc::channel();
        let thread = thread::spawn(move || {
            own(&[number]).unwrap();
            say.send(meaning(others)).unwrap();
            let mut word = [0; 8];
            let (len, from) = taken.recv_from(&mut word).unwrap();
            taken.send_to(&word[..len], from).unwrap();
        });
        assert_eq!(said.recv().unwrap(), None);
        assert!(meaning(number) == was && meaning(others).is_some());
        forget(&[number]);
        assert_ne!(meaning(number), was);
        other.send_to(b"there?", address).unwrap();
        assert_eq!(other.recv(&mut [0; 8]).unwrap(), 6);
        thread.join().unwrap();
        // Nobody has it any more.
        UdpSocket::bind(address).unwrap();
    }
}
