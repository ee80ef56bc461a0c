//! The stream itself: appending where nobody else has written, reading, and cutting off its oldest end.

use std::time::{Duration, Instant};

use async_nats::jetstream::context::{Context, ContextBuilder, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::Stream as JetStream;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RawMessageErrorKind, StorageType};
use async_nats::{Client, ConnectOptions, Event};
use bytes::Bytes;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::message::MESSAGE_BYTES_MAX;
use crate::store::StoreError;

/// How long one attempt may take. An election takes about so long.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long something is tried: servers that restart, or elect a leader, are waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// So long the servers recognize a message that is sent again; longer than it is tried.
const REPEAT_WINDOW: Duration = Duration::from_secs(120);

/// Where a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Addresses of servers, such as `nats://name:password@10.0.0.1:4222`; any of the cluster.
    pub servers: Vec<String>,
    /// Name of the stream.
    pub stream: String,
    /// Servers that keep a copy: 1, 3 or 5.
    pub replicas: usize,
}

/// Connects to a cluster.
///
/// # Errors
/// [`StoreError`] when no server can be reached or none takes name and password.
pub async fn connect(settings: &Settings) -> Result<Client, StoreError> {
    let options = ConnectOptions::new()
        .request_timeout(Some(ATTEMPT))
        .event_callback(|event| async move {
            match event {
                Event::Connected | Event::Disconnected => warn!("NATS: {event}"),
                other => debug!("NATS: {other}"),
            }
        });
    patiently("connecting", async || {
        let connected = options.clone().connect(settings.servers.clone()).await;
        connected.map_err(|error| error.to_string())
    })
    .await
}

/// A stream that one process at a time appends to.
pub struct Stream {
    context: Context,
    stream: JetStream,
    subject: String,
}

/// Why a message was not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else has written.
    #[error("somebody else has written")]
    Overtaken,
    /// It may be there or not.
    #[error(transparent)]
    Unknown(#[from] StoreError),
}

impl Stream {
    /// Finds or makes the stream.
    ///
    /// # Errors
    /// [`StoreError`], also when the servers take only smaller messages.
    pub async fn open(client: Client, settings: &Settings) -> Result<Self, StoreError> {
        if client.max_payload() < MESSAGE_BYTES_MAX {
            return Err(StoreError::Failed(format!(
                "the servers' max_payload must be at least {MESSAGE_BYTES_MAX}"
            )));
        }
        let subject = format!("{}.log", settings.stream);
        let context = ContextBuilder::new()
            .timeout(ATTEMPT)
            .ack_timeout(ATTEMPT)
            .build(client);
        let config = Config {
            name: settings.stream.clone(),
            subjects: vec![subject.clone()],
            storage: StorageType::File,
            num_replicas: settings.replicas,
            discard: DiscardPolicy::New,
            duplicate_window: REPEAT_WINDOW,
            ..Config::default()
        };
        let stream = patiently("opening the stream", async || {
            let made = context.get_or_create_stream(config.clone()).await;
            made.map_err(|error| error.to_string())
        })
        .await?;
        Ok(Self {
            context,
            stream,
            subject,
        })
    }

    /// Sequence numbers of the oldest and the newest message. The oldest is the greater when there is
    /// none.
    pub async fn bounds(&self) -> Result<(u64, u64), StoreError> {
        patiently("looking at the stream", async || {
            let info = self.stream.get_info().await;
            let state = info.map_err(|error| error.to_string())?.state;
            Ok((
                state.first_sequence.max(u64::from(state.messages == 0)),
                state.last_sequence,
            ))
        })
        .await
    }

    /// How many replicas, beside the leader's, have everything.
    #[cfg(test)]
    pub async fn replicas_up_to_date(&self) -> Result<usize, StoreError> {
        patiently("looking at the replicas", async || {
            let info = self.stream.get_info().await;
            let cluster = info.map_err(|error| error.to_string())?.cluster;
            let replicas = cluster.map(|cluster| cluster.replicas).unwrap_or_default();
            let current = replicas.iter().filter(|one| one.current && !one.offline);
            Ok(current.count())
        })
        .await
    }

    /// Appends a message behind `last`, under an `id` that no other has, and returns when most of its
    /// replicas have it.
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn append(&self, last: u64, id: &str, payload: Bytes) -> Result<u64, AppendError> {
        let began = Instant::now();
        loop {
            let message = PublishMessage::build()
                .payload(payload.clone())
                .message_id(id)
                .expected_last_sequence(last);
            let published = timeout(ATTEMPT, async {
                let sent = self.context.send_publish(self.subject.clone(), message);
                sent.await?.await
            });
            let failure = match published.await {
                Ok(Ok(ack)) if ack.sequence == last + 1 => return Ok(ack.sequence),
                Ok(Ok(_)) => return Err(AppendError::Overtaken),
                Ok(Err(error)) if error.kind() == PublishErrorKind::WrongLastSequence => {
                    // An attempt whose answer was lost may be what has been written.
                    return match self.read(last + 1).await? {
                        Some(written) if written == payload => Ok(last + 1),
                        _ => Err(AppendError::Overtaken),
                    };
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            if began.elapsed() > PATIENCE {
                return Err(gave_up("writing", &failure).into());
            }
            debug!("writing to NATS, again: {failure}");
            sleep(PAUSE).await;
        }
    }

    /// One message; `None` when there is none of this number.
    pub async fn read(&self, sequence: u64) -> Result<Option<Bytes>, StoreError> {
        patiently("reading", async || {
            match self.stream.get_raw_message(sequence).await {
                Ok(message) => Ok(Some(message.payload)),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
                Err(error) => Err(error.to_string()),
            }
        })
        .await
    }

    /// Removes all messages before `sequence`.
    pub async fn cut_before(&self, sequence: u64) -> Result<(), StoreError> {
        let purged = self.stream.purge().sequence(sequence).await;
        let purged = purged.map_err(|error| StoreError::Failed(format!("cutting: {error}")))?;
        if purged.success {
            Ok(())
        } else {
            Err(StoreError::Failed("cutting: refused".to_owned()))
        }
    }
}

/// Tries something until it succeeds or [`PATIENCE`] is over.
async fn patiently<T>(
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<T, String>,
) -> Result<T, StoreError> {
    let began = Instant::now();
    loop {
        let failure = match timeout(ATTEMPT, attempt()).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(failure)) => failure,
            Err(_) => "no answer".to_owned(),
        };
        if began.elapsed() > PATIENCE {
            return Err(gave_up(what, &failure));
        }
        debug!("{what}, again: {failure}");
        sleep(PAUSE).await;
    }
}

fn gave_up(what: &str, failure: &str) -> StoreError {
    StoreError::Failed(format!("NATS: {what}: {failure}"))
}
