//! Before the show: every client allocates, lets its peer through and binds a channel; and the end.

use std::collections::BTreeSet;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::hosts::{Side, host, whose};
use super::stun::{self, Account, Answer, Attribute, Challenge};
use super::wire::{Received, Wire};

/// Clients that ask at a time.
const AT_ONCE: usize = 32;
/// How long an answer is waited for before the request is sent again.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often it is sent.
const TRIES: u32 = 40;
/// How long one look takes at most.
const LOOK: Duration = Duration::from_millis(20);

/// All clients, and what they have.
pub struct Stage<'a> {
    /// On which they come in.
    pub wire: &'a Wire,
    server: SocketAddrV4,
    account: Account,
    challenges: Vec<Option<Challenge>>,
    /// The relayed address of each.
    pub relayed: Vec<Option<SocketAddrV4>>,
    transactions: u64,
}

impl<'a> Stage<'a> {
    /// `count` clients of `server`, all by one name.
    #[must_use]
    pub fn new(wire: &'a Wire, server: SocketAddrV4, account: Account, count: usize) -> Self {
        Self {
            wire,
            server,
            account,
            challenges: vec![None; count],
            relayed: vec![None; count],
            transactions: 0,
        }
    }

    /// Allocates for all, with a channel to `peer` of each.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub fn set(
        &mut self,
        peer: impl Fn(&[Option<SocketAddrV4>], usize) -> Option<SocketAddrV4>,
    ) -> Result<()> {
        self.ask(stun::ALLOCATE, |_, _| Some(vec![stun::transport()]))?;
        self.bind(peer)
    }

    fn bind(
        &mut self,
        peer: impl Fn(&[Option<SocketAddrV4>], usize) -> Option<SocketAddrV4>,
    ) -> Result<()> {
        self.ask(stun::CREATE_PERMISSION, |relayed, client| {
            Some(vec![stun::peer(peer(relayed, client)?)])
        })?;
        self.ask(stun::CHANNEL_BIND, |relayed, client| {
            let peer = stun::peer(peer(relayed, client)?);
            Some(vec![stun::channel(channel(client)), peer])
        })
    }

    /// Makes all last: allocations, permissions and channels. What else comes meanwhile is not looked at.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub fn renew(
        &mut self,
        peer: impl Fn(&[Option<SocketAddrV4>], usize) -> Option<SocketAddrV4>,
    ) -> Result<()> {
        self.ask(stun::REFRESH, |_, _| Some(Vec::new()))?;
        self.bind(peer)
    }

    /// Ends all allocations.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub fn strike(&mut self) -> Result<()> {
        self.ask(stun::REFRESH, |_, _| Some(vec![stun::lifetime(0)]))
    }

    fn ask(
        &mut self,
        method: u16,
        attributes: impl Fn(&[Option<SocketAddrV4>], usize) -> Option<Vec<Attribute>>,
    ) -> Result<()> {
        let all: Vec<_> = (0..self.relayed.len()).collect();
        for group in all.chunks(AT_ONCE) {
            let mut waiting: BTreeSet<_> = group.iter().copied().collect();
            for _ in 0..TRIES {
                for client in &waiting {
                    let attributes = attributes(&self.relayed, *client).context("no peer")?;
                    self.transactions += 1;
                    let transaction = u128::from(self.transactions) << 32 | *client as u128;
                    let challenge = self.challenges[*client].as_ref();
                    let bytes =
                        stun::request(method, transaction, &attributes, &self.account, challenge)?;
                    let from = host(Side::Client, *client);
                    self.wire.send(from, self.server, &bytes)?;
                }
                self.listen(method, &mut waiting)?;
                if waiting.is_empty() {
                    break;
                }
            }
            if !waiting.is_empty() {
                bail!("method {method}: {} clients got no answer", waiting.len());
            }
        }
        Ok(())
    }

    /// Takes answers, until all have one, or those that are left must ask again.
    fn listen(&mut self, method: u16, waiting: &mut BTreeSet<usize>) -> Result<()> {
        let mut received = Received::default();
        let (mut open, until) = (waiting.clone(), Instant::now() + PATIENCE);
        while !open.is_empty() && Instant::now() < until {
            self.wire.wait_for_packets(LOOK)?;
            self.wire.receive(&mut received)?;
            for (index, (_, to, _)) in received.packets.iter().enumerate() {
                let Some((Side::Client, client)) = to.and_then(whose) else {
                    continue;
                };
                let Some((transaction, answer)) = stun::answer(received.bytes(index)) else {
                    continue;
                };
                if transaction as u32 as usize != client || !open.remove(&client) {
                    continue;
                }
                match answer {
                    Answer::Challenge(challenge) => self.challenges[client] = Some(challenge),
                    Answer::Refused(code) => bail!("method {method}: refused by {code}"),
                    Answer::Success(relayed) => {
                        self.relayed[client] = relayed.or(self.relayed[client]);
                        waiting.remove(&client);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The channel of a client: any of the numbers there are (RFC 8656 §12).
#[must_use]
pub fn channel(client: usize) -> u16 {
    0x4000 + (client % 0xfff) as u16
}
