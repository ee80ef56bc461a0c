//! Several servers, measured in turns, so that whatever else the machine does costs all alike.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::load::{Load, Outcome};
use super::server::{self, Kind, Server};

/// Packets on their way at a time in a closed loop.
const WINDOW: usize = 128;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Clients.
    pub allocations: usize,
    /// Whether they reach each other.
    pub pairs: bool,
    /// Bytes of a packet.
    pub bytes: usize,
    /// Packets of one flow after each other.
    pub burst: usize,
    /// Packets a second; 0: as many as there can be.
    pub rate: u64,
}

/// A scene of small packets between clients and peers.
pub const CALLS: Scene = Scene {
    allocations: 50,
    pairs: false,
    bytes: 160,
    burst: 1,
    rate: 0,
};

/// The sum of rounds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score {
    /// Packets that arrived.
    pub delivered: u64,
    /// CPU time, in seconds.
    pub cpu: f64,
    /// Packets lost or broken.
    pub lost: u64,
    /// The worst round's, in microseconds.
    pub p99_us: f64,
    /// Half arrived sooner; the worst round's.
    pub p50_us: f64,
}

impl Score {
    /// Packets relayed per second of CPU time.
    #[must_use]
    pub fn per_cpu_second(&self) -> f64 {
        self.delivered as f64 / self.cpu.max(1e-9)
    }

    fn add(&mut self, outcome: &Outcome) {
        self.delivered += outcome.delivered;
        self.cpu += outcome.cpu;
        self.lost += outcome.lost + outcome.bad;
        self.p50_us = self.p50_us.max(outcome.p50_us);
        self.p99_us = self.p99_us.max(outcome.p99_us);
    }
}

/// All servers, running.
pub struct Arena {
    /// Ours first.
    pub servers: Vec<Server>,
    /// How often each has its turn.
    pub rounds: usize,
    /// How long one is.
    pub seconds: f64,
}

impl Arena {
    /// Measures a scene with those servers that `takes_part`. Gives a score for each of all.
    ///
    /// # Errors
    /// When a server fails.
    pub fn play(
        &self,
        scene: Scene,
        takes_part: impl Fn(&Kind) -> bool,
    ) -> Result<Vec<Option<Score>>> {
        let mut scores = vec![None; self.servers.len()];
        for _ in 0..self.rounds {
            for (server, score) in self.servers.iter().zip(&mut scores) {
                if takes_part(&server.kind) && (server.kind != Kind::Plain || !scene.pairs) {
                    let outcome = self.round(server, scene);
                    let outcome = outcome.with_context(|| server.name.clone())?;
                    score.get_or_insert_with(Score::default).add(&outcome);
                }
            }
        }
        Ok(scores)
    }

    fn round(&self, server: &Server, scene: Scene) -> Result<Outcome> {
        let load = load(server, scene, self.seconds);
        if scene.rate == 0 {
            return generate(&load, server::batch(server::CORE, &program()?));
        }
        server.set_urgent(true)?;
        let outcome = generate(&load, server::urgent(server::OTHER_CORE, &program()?));
        server.set_urgent(false)?;
        outcome
    }
}

/// What a generator is told.
#[must_use]
pub fn load(server: &Server, scene: Scene, seconds: f64) -> Load {
    Load {
        server: server.address,
        pid: server.process.id(),
        account: server.account(),
        pairs: scene.pairs,
        allocations: scene.allocations,
        bytes: scene.bytes,
        burst: scene.burst,
        window: WINDOW,
        rate: scene.rate,
        seconds,
        ports: server.ports,
    }
}

fn program() -> Result<String> {
    let path = std::env::current_exe()?;
    Ok(path.to_str().context("an odd path")?.to_owned())
}

/// Runs a generator, and reads what it says.
fn generate(load: &Load, mut command: Command) -> Result<Outcome> {
    command.args(["load", &serde_json::to_string(load)?]);
    let output = command.stderr(std::process::Stdio::inherit()).output();
    let output = output.context("cannot start chrt and taskset (package util-linux)")?;
    if !output.status.success() {
        bail!("the generator failed: {}", output.status);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// One generator's run on its own, for what is not compared.
///
/// # Errors
/// When it fails.
pub fn once(server: &Server, scene: Scene, seconds: f64) -> Result<Outcome> {
    let load = load(server, scene, seconds);
    generate(&load, server::batch(server::CORE, &program()?))
}
