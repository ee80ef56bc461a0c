//! `bench-latency [--messages N] [--invites N]`: Enter to the own screen, to the other's screen and
//! to `delivered`, between two browsers and between two windows of one; beside them the round trip
//! of a bare data channel; and from opening an invite to the first message shown.

use anyhow::Result;
use e2e_browser::bench::arguments::Arguments;
use e2e_browser::bench::latency::pair::Pair;
use e2e_browser::bench::latency::{invite, messages};
use e2e_browser::bench::samples::{Samples, report};
use e2e_browser::world::World;

const MESSAGES_DEFAULT: usize = 200;
const INVITES_DEFAULT: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::of_process(&["messages", "invites"])?;
    let count = arguments.number("messages", MESSAGES_DEFAULT)?;
    let invites = arguments.number("invites", INVITES_DEFAULT)?;
    let world = World::new("bench-latency")?;
    match measure(&world, count, invites).await {
        Ok(samples) => print!("{}", report("latency", &samples)),
        Err(error) => {
            world.keep_evidence(&format!("{error:#}")).await;
            return Err(error.context(format!("evidence: {}", world.artefacts().display())));
        }
    }
    Ok(())
}

async fn measure(world: &World, count: usize, invites: usize) -> Result<Vec<Samples>> {
    let node = world.supernode().await?;
    let mut samples = Vec::new();
    if count > 0 {
        eprintln!("{count} messages between two browsers");
        let pair = Pair::in_two_browsers(world, &node).await?;
        samples.extend(messages::run(&pair, "two browsers", count).await?);
        world.dismiss_all();
        drop(pair);
        eprintln!("{count} messages between two windows");
        let pair = Pair::in_one_browser(world, &node).await?;
        samples.extend(messages::run(&pair, "two windows", count).await?);
        world.dismiss_all();
    }
    if invites > 0 {
        samples.extend(invite::run(world, &node.url(), invites).await?);
    }
    Ok(samples)
}
