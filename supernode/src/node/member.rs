//! A supernode of several processes: see [`crate::cluster`].

use std::sync::Arc;

use anyhow::{Result, bail};
use shared::base::id::NodeId;
use shared::base::sign::SigningKey;
use shared::relay::TurnOffer;
use tracing::info;

use super::{Doors, Node, driver};
use crate::cluster::Member;
use crate::config::Config;
use crate::drive::{Drive, Event};
use crate::identity;
use crate::metrics::Metrics;
use crate::random::System;
use crate::store::nats::Settings;

/// Starts one of its processes. The node key in the data folder is to be the same for all.
pub async fn start(config: &Config) -> Result<Node> {
    if config.nats_servers.0.is_empty() {
        bail!("store = \"nats\" needs nats_servers");
    }
    let key = identity::node_key(&config.data, &mut System::default())?;
    let node = NodeId(key.public());
    let metrics = Arc::new(Metrics::default());
    let member = Member::join(Settings {
        servers: config.nats_servers.0.clone(),
        stream: config.nats_stream.clone(),
        replicas: config.nats_replicas,
    })
    .await?;
    let drive = member.drive();
    let (doors, offer) = Doors::open(config, &key, &metrics).await?;
    let work = work(
        config.clone(),
        (key, offer),
        member,
        drive.clone(),
        Arc::clone(&metrics),
    );
    Node::listen(config, node, drive, metrics, doors, work)
}

async fn work(
    config: Config,
    (key, offer): (SigningKey, Option<TurnOffer>),
    member: Member,
    drive: Drive,
    metrics: Arc<Metrics>,
) -> Result<()> {
    let Some((store, candidacy)) = member.follow().await? else {
        info!("drained");
        return Ok(());
    };
    let (driver, local) = driver(&config, key, store.clone(), &metrics, offer).await?;
    drive.come_here(local);
    if member.is_draining() {
        drive.tell(Event::Drain).await;
    }
    let ended = tokio::select! {
        ended = driver.run() => ended,
        over = member.lead(&store, drive, candidacy) => over,
    };
    // The last words to those who are on other processes.
    member.flush().await;
    ended
}
