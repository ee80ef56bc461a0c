//! A supernode, put together from its parts.

#[cfg_attr(not(feature = "nats"), path = "node/alone.rs")]
mod member;

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use shared::base::id::NodeId;
use shared::base::sign::SigningKey;
use shared::direct::route::DirectRoute;
use shared::mailbox::server::MailboxLimits;
use shared::relay::{Relay, RelayLimits, TurnOffer};
use shared::session::rate::Rate;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::config::{Config, Engine};
use crate::drive::{Drive, Driver, Event, Local};
use crate::identity;
use crate::listen::address::Sources;
use crate::listen::admission::Admission;
use crate::listen::direct::certificate::Certificate;
use crate::listen::direct::{Direct, Prepared};
use crate::listen::http::Http;
use crate::listen::udp::{self, Udp};
use crate::listen::{Listener, site};
use crate::metrics::Metrics;
use crate::random::System;
use crate::room;
use crate::store::{self, Store};

/// How long draining may take before it is given up.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(4);

/// A running supernode.
pub struct Node {
    address: SocketAddr,
    key: NodeId,
    drive: Drive,
    stop: watch::Sender<bool>,
    driver: JoinHandle<Result<()>>,
    listener: JoinHandle<()>,
    room: Option<JoinHandle<()>>,
    udp: Option<Udp>,
    direct: Option<Direct>,
    routes: Vec<DirectRoute>,
}

impl Node {
    /// Starts a supernode with the store that is set.
    ///
    /// # Errors
    /// When the data folder, the store or the address cannot be used.
    pub async fn start(config: &Config) -> Result<Self> {
        let folder = &config.data;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
        if config.store == Engine::Nats {
            return member::start(config).await;
        }
        let settings = config.clone();
        let store = tokio::task::spawn_blocking(move || store::open(&settings)).await??;
        Self::start_on(config, store).await
    }

    /// Starts a supernode on `store`. The node key is kept in the data folder.
    ///
    /// # Errors
    /// When the data folder or the address cannot be used.
    pub async fn start_on(config: &Config, store: Arc<dyn Store>) -> Result<Self> {
        let key = identity::node_key(&config.data, &mut System::default())?;
        let node = NodeId(key.public());
        let metrics = Arc::new(Metrics::default());
        let (doors, offer) = Doors::open(config, &key, &metrics).await?;
        let (driver, local) = driver(config, key, Arc::clone(&store), &metrics, offer).await?;
        let drive = Drive::here(local);
        let watch = room::watch(
            config.data.clone(),
            config.disk_reserve_bytes,
            drive.clone(),
            store,
        );
        let mut started = Self::listen(config, node, drive, metrics, doors, driver.run())?;
        started.room = Some(tokio::spawn(watch));
        Ok(started)
    }

    /// Lets people in, while `driver` runs.
    fn listen(
        config: &Config,
        node: NodeId,
        drive: Drive,
        metrics: Arc<Metrics>,
        doors: Doors,
        driver: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Result<Self> {
        let Doors {
            http,
            mut udp,
            prepared,
            routes,
        } = doors;
        let sources = Sources::new(config.trusted_proxies.0.clone());
        let sources = Arc::new(sources.map_err(|_| anyhow!("no randomness"))?);
        let direct = match (prepared, &mut udp) {
            (Some(prepared), Some(udp)) => {
                let (sockets, sources) = (udp.take_sockets(), Arc::clone(&sources));
                Some(prepared.start(config, sockets, sources, drive.clone())?)
            }
            _ => None,
        };
        let address = http.local_addr()?;
        let answers = Http::new(node, config, &routes, sources, drive.clone(), metrics)?;
        let admission = Admission::new(config.connections_max, config.sockets_per_source_max);
        let listener = Listener::new(http, admission, answers);
        let (stop, stopped) = watch::channel(false);
        if !site::is_embedded() {
            warn!("built without the page; `cargo xtask build` makes both");
        }
        info!(port = address.port(), "listening");
        Ok(Self {
            address,
            key: node,
            room: None,
            udp,
            direct,
            routes,
            driver: tokio::spawn(driver),
            listener: tokio::spawn(async move {
                listener.accept(stopped).await;
                listener.linger().await;
            }),
            drive,
            stop,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its relay listens.
    #[must_use]
    pub fn relays(&self) -> &[SocketAddr] {
        self.udp.as_ref().map_or(&[], Udp::addresses)
    }

    /// How it is reached by WebRTC-direct.
    #[must_use]
    pub fn direct_routes(&self) -> &[DirectRoute] {
        &self.routes
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> NodeId {
        self.key
    }

    /// Waits until it ends by itself, which it does only when its store is beyond repair.
    ///
    /// # Errors
    /// Why.
    pub async fn ended(&mut self) -> Result<()> {
        (&mut self.driver).await?
    }

    /// Accepts no more, tells everybody, commits what was begun, and ends.
    ///
    /// # Errors
    /// When the last commit failed or took too long.
    pub async fn drain(self) -> Result<()> {
        info!("draining");
        if let Some(room) = &self.room {
            room.abort();
        }
        self.stop.send_replace(true);
        let (udp, direct) = (self.udp, self.direct);
        let drained = async {
            self.drive.tell(Event::Drain).await;
            let driven = self.driver.await;
            // Clients confirm what they are told last by way of the relay's sockets.
            if let Some(direct) = direct {
                direct.stop().await;
            }
            if let Some(udp) = udp {
                udp.stop().await?;
            }
            driven??;
            self.listener.await?;
            Ok(())
        };
        tokio::time::timeout(DRAIN_TIMEOUT, drained)
            .await
            .context("draining took too long")?
    }
}

/// Where people come in.
struct Doors {
    http: TcpListener,
    udp: Option<Udp>,
    prepared: Option<Prepared>,
    routes: Vec<DirectRoute>,
}

impl Doors {
    /// Opens them, and says what STUN and TURN servers are to be offered.
    async fn open(
        config: &Config,
        key: &SigningKey,
        metrics: &Metrics,
    ) -> Result<(Self, Option<TurnOffer>)> {
        let http = TcpListener::bind(config.http).await;
        let http = http.with_context(|| format!("cannot listen on {}", config.http))?;
        let secret = shared::turn::secret(key);
        let numbers = Arc::clone(&metrics.turn);
        let (mut prepared, mut gate, mut certificate) = (None, None, None);
        if !config.udp.0.is_empty() {
            let kept = Certificate::read_or_make(&config.data)?;
            let (one, other) = Prepared::new(&kept, Arc::clone(&metrics.direct))?;
            (prepared, gate) = (Some(one), Some(other));
            certificate = Some(kept.fingerprint());
        }
        let udp = Udp::start(config, &secret, http.local_addr()?, numbers, gate)?;
        let places = udp
            .iter()
            .flat_map(Udp::places)
            .zip(certificate.iter().cycle());
        let routes = places.map(|(address, certificate)| DirectRoute {
            address: *address,
            certificate: *certificate,
        });
        let routes = routes.collect();
        let life = Duration::from_secs(config.turn_credential_seconds.into());
        let offer = udp.as_ref().map(|udp| {
            let credentials = udp::credentials(config, &secret);
            TurnOffer::new(udp.urls().to_vec(), credentials, key, life)
        });
        let doors = Self {
            http,
            udp,
            prepared,
            routes,
        };
        Ok((doors, offer))
    }
}

/// A driver for a relay that goes on from what is in `store`.
async fn driver(
    config: &Config,
    key: SigningKey,
    store: Arc<dyn Store>,
    metrics: &Arc<Metrics>,
    offer: Option<TurnOffer>,
) -> Result<(Driver, Local)> {
    let reader = Arc::clone(&store);
    let records = tokio::task::spawn_blocking(move || reader.index()).await?;
    let records = records.context("cannot read the store")?;
    let (mut relay, bad) = Relay::new(limits(config), key, records);
    relay.set_turn(offer);
    if !bad.is_empty() {
        warn!(
            "{} stored records could not be read and are left alone",
            bad.len()
        );
    }
    Ok(Driver::new(relay, store, Arc::clone(metrics)))
}

fn limits(config: &Config) -> RelayLimits {
    RelayLimits {
        frames: Rate {
            burst: config.frames_burst,
            per_second: config.frames_per_second,
        },
        connects: Rate {
            burst: config.connects_burst,
            per_second: config.connects_per_second,
        },
        connections_per_source: config.connections_per_source_max,
        mailboxes: MailboxLimits {
            mailboxes: config.mailboxes_max,
            bytes: config.kept_bytes_max,
            mailbox_envelopes: config.mailbox_envelopes_max,
            mailbox_bytes: config.mailbox_bytes_max,
            requests: config.mailbox_requests_max,
            request_work_bits: config.request_work_bits.0,
            keep: config.keep_hours_max.duration(),
        },
        registration: config.registration.gates(config.registration_work_bits),
    }
}
