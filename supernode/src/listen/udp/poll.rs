//! Which sockets have something: epoll, level-triggered, so that one read that takes all is enough.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// Sockets looked at in one round.
const EVENTS: usize = 256;

/// A socket, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// Tells the thread to stop.
    Stop,
    /// The UDP listener of this number.
    Listener(u16),
    /// The TCP listener of this number.
    Acceptor(u16),
    /// The relayed address of the allocation of this number.
    Relay(u32),
    /// The TCP connection of this number.
    Stream(u64),
    /// The client of the allocation of this number, on a socket of its own.
    Guarded(u32),
}

/// Where the kind stands in a token's number.
const KIND_SHIFT: u32 = 56;

impl Token {
    fn number(self) -> u64 {
        let (kind, number) = match self {
            Self::Stop => (0, 0),
            Self::Listener(number) => (1, number.into()),
            Self::Acceptor(number) => (2, number.into()),
            Self::Relay(number) => (3, number.into()),
            Self::Stream(number) => (4, number),
            Self::Guarded(number) => (5, number.into()),
        };
        kind << KIND_SHIFT | number
    }

    fn of(number: u64) -> Self {
        let low = number & ((1 << KIND_SHIFT) - 1);
        match number >> KIND_SHIFT {
            1 => Self::Listener(low as u16),
            2 => Self::Acceptor(low as u16),
            3 => Self::Relay(low as u32),
            4 => Self::Stream(low),
            5 => Self::Guarded(low as u32),
            _ => Self::Stop,
        }
    }
}

/// The sockets of a thread.
pub struct Poll {
    epoll: Epoll,
    events: Vec<EpollEvent>,
}

impl Poll {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            events: vec![EpollEvent::empty(); EVENTS],
        })
    }

    /// Watches for what comes.
    pub fn add(&self, socket: impl AsFd, token: Token) -> io::Result<()> {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token.number());
        Ok(self.epoll.add(socket, event)?)
    }

    /// Watches, or no longer, for room to write as well.
    pub fn set_writes(&self, socket: impl AsFd, token: Token, writes: bool) -> io::Result<()> {
        let mut flags = EpollFlags::EPOLLIN;
        flags.set(EpollFlags::EPOLLOUT, writes);
        let mut event = EpollEvent::new(flags, token.number());
        Ok(self.epoll.modify(socket, &mut event)?)
    }

    /// Watches no longer.
    pub fn remove(&self, socket: impl AsFd) {
        // It may be closed already, which removes it.
        let _ = self.epoll.delete(socket);
    }

    /// Waits until something is there, for at most `time`. Says for how many.
    pub fn wait(&mut self, time: Duration) -> io::Result<usize> {
        let millis = u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
        match self
            .epoll
            .wait(&mut self.events, EpollTimeout::from(millis))
        {
            Err(Errno::EINTR) => Ok(0),
            other => Ok(other?),
        }
    }

    /// Which was the `index`th.
    pub fn token(&self, index: usize) -> Token {
        Token::of(self.events[index].data())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back() {
        for token in [
            Token::Stop,
            Token::Listener(u16::MAX),
            Token::Acceptor(1),
            Token::Relay(u32::MAX),
            Token::Stream((1 << KIND_SHIFT) - 1),
            Token::Guarded(7),
        ] {
            assert_eq!(Token::of(token.number()), token);
        }
    }
}
