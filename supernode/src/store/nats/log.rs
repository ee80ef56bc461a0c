//! One process's hold on the stream: what it may append to, and what it has read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::base::random::bytes;
use shared::mailbox::server::record::BODY_PREFIX;
use tokio::sync::Mutex;
use tracing::warn;

use super::message::{Entry, Message, Part, Token, parts};
use super::places::Places;
use super::stream::{AppendError, Settings, Stream, connect};
use crate::random::System;
use crate::store::{Record, StoreError};

/// Messages that are asked for before the first has come.
const READS_AT_ONCE: usize = 64;
/// How often a reader looks again for what was moved meanwhile.
const READ_ATTEMPTS: usize = 8;
/// How often a takeover is tried while others write.
const TAKEOVER_ATTEMPTS: usize = 8;
/// What is written again after one commit, in bytes.
const REWRITE_BYTES: u64 = 512 * 1024;

pub(super) struct Log {
    stream: Stream,
    token: Token,
    places: RwLock<Places>,
    writer: Mutex<Writer>,
    takeover: AtomicU64,
}

/// Who holds this may append.
#[derive(Default)]
struct Writer {
    /// The newest message, while it is known.
    last: Option<u64>,
    /// How many messages were given an id.
    sent: u64,
    /// The index as it was read; until something is written.
    index: Option<Vec<Record>>,
}

impl Log {
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let client = connect(settings).await?;
        let log = Self {
            stream: Stream::open(client, settings).await?,
            token: bytes(&mut System::default()),
            places: RwLock::default(),
            writer: Mutex::default(),
            takeover: AtomicU64::default(),
        };
        log.take_over(&mut *log.writer.lock().await, false).await?;
        Ok(log)
    }

    /// Numbers of the oldest and the newest message.
    #[cfg(test)]
    pub async fn bounds(&self) -> Result<(u64, u64), StoreError> {
        self.stream.bounds().await
    }

    /// Whether every replica has everything.
    #[cfg(test)]
    pub async fn is_threefold(&self) -> Result<bool, StoreError> {
        Ok(self.stream.replicas_up_to_date().await? == 2)
    }

    /// Number of the message by which this process took over last.
    pub fn takeover(&self) -> u64 {
        self.takeover.load(Ordering::Relaxed)
    }

    /// Reads everything again, if nobody has taken over.
    pub async fn recover(&self) -> Result<(), StoreError> {
        self.take_over(&mut *self.writer.lock().await, true).await
    }

    pub async fn commit(&self, parts: Vec<Part>) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        writer.index = None;
        self.write(&mut writer, parts).await?;
        if let Err(error) = self.clean(&mut writer).await {
            warn!("the stream could not be shortened: {error}");
        }
        Ok(())
    }

    pub async fn read(
        &self,
        first: &[u8],
        last: &[u8],
        records_max: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let wanted = || -> Vec<(Vec<u8>, u64)> {
            let places = self.places();
            let range = places.range(first, last).take(records_max);
            range.map(|(key, at)| (key.clone(), at)).collect()
        };
        self.records(wanted).await
    }

    pub async fn index(&self) -> Result<Vec<Record>, StoreError> {
        if let Some(index) = self.writer.lock().await.index.take() {
            return Ok(index);
        }
        let wanted = || -> Vec<(Vec<u8>, u64)> {
            let places = self.places();
            let index = places.all().filter(|(key, _)| !is_body(key));
            index.map(|(key, at)| (key.clone(), at)).collect()
        };
        self.records(wanted).await
    }

    /// Fetches the records that `wanted` names; it is asked again when one was moved meanwhile.
    async fn records(
        &self,
        wanted: impl Fn() -> Vec<(Vec<u8>, u64)>,
    ) -> Result<Vec<Record>, StoreError> {
        for _ in 0..READ_ATTEMPTS {
            let wanted = wanted();
            let messages: BTreeSet<u64> = wanted.iter().map(|(_, at)| *at).collect();
            let mut found = BTreeMap::new();
            for (at, part) in self.parts(messages).await? {
                for entry in part.into_iter().flat_map(|part| part.entries) {
                    found.insert((entry.key, at), entry.value);
                }
            }
            let records: Option<Vec<Record>> = wanted
                .into_iter()
                .map(|place| {
                    let value = found.remove(&place).flatten()?;
                    Some((place.0, value))
                })
                .collect();
            if let Some(records) = records {
                return Ok(records);
            }
        }
        Err(StoreError::Failed("a message is missing".to_owned()))
    }

    /// The parts in these messages, with their numbers; `None` where there is no such message any more.
    async fn parts(
        &self,
        messages: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<(u64, Option<Part>)>, StoreError> {
        let reads = messages.into_iter().map(async |at| {
            Ok(match self.message(at).await? {
                Some((Message::Part(part), _)) => (at, Some(part)),
                _ => (at, None),
            })
        });
        let reads = stream::iter(reads.collect::<Vec<_>>()).buffered(READS_AT_ONCE);
        reads.try_collect().await
    }

    async fn message(&self, at: u64) -> Result<Option<(Message, usize)>, StoreError> {
        let Some(bytes) = self.stream.read(at).await? else {
            return Ok(None);
        };
        let message = Message::from_bytes(&bytes);
        let message = message.ok_or_else(|| StoreError::Failed("an unknown message".to_owned()))?;
        Ok(Some((message, bytes.len())))
    }

    async fn write(&self, writer: &mut Writer, parts: Vec<Part>) -> Result<(), StoreError> {
        let mut written = Vec::with_capacity(parts.len());
        for part in parts {
            let message = Message::Part(part);
            let (at, bytes) = self.append(writer, &message).await?;
            if let Message::Part(part) = message {
                written.push((at, bytes, part.entries));
            }
        }
        let mut places = self.places_mut();
        for (at, bytes, entries) in written {
            places.apply(at, bytes, &entries);
        }
        Ok(())
    }

    /// Appends a message. Unless that succeeds, nothing more is appended before a recovery.
    async fn append(
        &self,
        writer: &mut Writer,
        message: &Message,
    ) -> Result<(u64, usize), StoreError> {
        let last = writer.last.take().ok_or_else(overtaken)?;
        writer.sent += 1;
        let id = format!("{:032x}-{}", u128::from_be_bytes(self.token), writer.sent);
        let payload = message.to_bytes();
        let bytes = payload.len();
        match self.stream.append(last, &id, payload.into()).await {
            Ok(at) => {
                writer.last = Some(at);
                Ok((at, bytes))
            }
            Err(AppendError::Unknown(error)) => Err(error),
            Err(AppendError::Overtaken) => Err(overtaken()),
        }
    }

    /// Reads the whole stream and appends a takeover right behind it. `again`: only if the last one is
    /// ours.
    async fn take_over(&self, writer: &mut Writer, again: bool) -> Result<(), StoreError> {
        for _ in 0..TAKEOVER_ATTEMPTS {
            let (first, last) = self.stream.bounds().await?;
            let mut replay = Replay::default();
            let numbers = first..last.saturating_add(1);
            let reads = numbers.map(async |at| Ok::<_, StoreError>((at, self.message(at).await?)));
            let mut reads = stream::iter(reads).buffered(READS_AT_ONCE);
            while let Some((at, message)) = reads.try_next().await? {
                replay.take(at, message)?;
            }
            drop(reads);
            if replay.at != last && first <= last {
                return Err(StoreError::Failed(
                    "the newest message is missing".to_owned(),
                ));
            }
            if again && replay.owner != Some(self.token) {
                return Err(overtaken());
            }
            writer.last = Some(last);
            match self.append(writer, &Message::Takeover(self.token)).await {
                Ok((at, bytes)) => {
                    replay.places.apply(at, bytes, &[]);
                    *self.places_mut() = replay.places;
                    self.takeover.store(at, Ordering::Relaxed);
                    writer.index = Some(replay.index.into_iter().collect());
                    return Ok(());
                }
                // Somebody wrote while we read.
                Err(StoreError::Overtaken) => {}
                Err(error) => return Err(error),
            }
        }
        Err(overtaken())
    }

    /// Writes the oldest records again and cuts off what was before, if there is much of no use.
    async fn clean(&self, writer: &mut Writer) -> Result<(), StoreError> {
        let Some((messages, stays)) = self.places().to_rewrite(REWRITE_BYTES) else {
            return Ok(());
        };
        let mut again: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for (at, part) in self.parts(messages).await? {
            let part = part.ok_or_else(|| StoreError::Failed("a message is missing".to_owned()))?;
            let places = self.places();
            for entry in part.entries {
                if let (true, Some(value)) = (places.is_at(&entry.key, at), entry.value) {
                    again.insert(entry.key, value);
                }
            }
        }
        let entries = again.into_iter().map(|(key, value)| Entry {
            key,
            value: Some(value),
        });
        self.write(writer, parts(entries)).await?;
        // Whoever recovers looks for the takeover that is theirs: one is always there.
        let (at, bytes) = self.append(writer, &Message::Takeover(self.token)).await?;
        self.places_mut().apply(at, bytes, &[]);
        self.stream.cut_before(stays).await?;
        self.places_mut().forget_before(stays);
        Ok(())
    }

    fn places(&self) -> RwLockReadGuard<'_, Places> {
        self.places.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn places_mut(&self) -> RwLockWriteGuard<'_, Places> {
        self.places.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream as it is read from its oldest message.
#[derive(Default)]
struct Replay {
    at: u64,
    owner: Option<Token>,
    places: Places,
    index: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Of a batch whose last part has not come.
    unfinished: Vec<(u64, usize, Vec<Entry>)>,
}

impl Replay {
    fn take(&mut self, at: u64, message: Option<(Message, usize)>) -> Result<(), StoreError> {
        let Some((message, bytes)) = message else {
            // Messages are cut off at the oldest end only, perhaps while we read.
            return if self.at == 0 {
                Ok(())
            } else {
                Err(StoreError::Failed("a message is missing".to_owned()))
            };
        };
        self.at = at;
        match message {
            Message::Takeover(token) => {
                self.owner = Some(token);
                self.drop_unfinished();
                self.places.apply(at, bytes, &[]);
            }
            Message::Part(part) => {
                if part.index == 0 {
                    self.drop_unfinished();
                }
                self.unfinished.push((at, bytes, part.entries));
                if part.last {
                    for (at, bytes, entries) in std::mem::take(&mut self.unfinished) {
                        self.places.apply(at, bytes, &entries);
                        entries.into_iter().for_each(|entry| self.note(entry));
                    }
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, entry: Entry) {
        match entry.value {
            _ if is_body(&entry.key) => {}
            Some(value) => drop(self.index.insert(entry.key, value)),
            None => drop(self.index.remove(&entry.key)),
        }
    }

    fn drop_unfinished(&mut self) {
        for (at, bytes, _) in self.unfinished.drain(..) {
            self.places.apply(at, bytes, &[]);
        }
    }
}

fn is_body(key: &[u8]) -> bool {
    key.first() == Some(&BODY_PREFIX)
}

fn overtaken() -> StoreError {
    StoreError::Overtaken
}
