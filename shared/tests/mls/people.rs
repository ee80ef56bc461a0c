//! People for MLS tests: each with a device, a disk, and randomness that repeats.

use std::collections::BTreeMap;

#[path = "../peer/world/seeded.rs"]
mod seeded;

pub use seeded::Seeded;
use shared::base::{
    id::{ConversationId, PersonaId},
    time::Timestamp,
};
use shared::conversation::mls::{Change, Member, Mls, ReceiveError, Received};

pub const GROUP: ConversationId = ConversationId([7; 16]);
pub const NOW: Timestamp = Timestamp(1_000_000);

pub fn everyone(_: &Member) -> bool {
    true
}

pub struct Person {
    pub mls: Mls,
    pub random: Seeded,
    pub disk: BTreeMap<Vec<u8>, Vec<u8>>,
    seed: u8,
}

impl Person {
    pub fn new(seed: u8) -> Self {
        Self {
            mls: Mls::new(PersonaId([seed; 32]), &[seed; 32]),
            random: Seeded::new(seed.into()),
            disk: BTreeMap::new(),
            seed,
        }
    }

    pub fn me(&self) -> Member {
        self.mls.me()
    }

    /// Writes what changed to disk.
    pub fn flush(&mut self) {
        for change in self.mls.take_changes() {
            match change {
                Change::Put { key, value } => self.disk.insert(key, value),
                Change::Delete { key } => Some(
                    self.disk
                        .remove(&key)
                        .expect("only what was written is deleted"),
                ),
            };
        }
    }

    /// Writes what changed, forgets everything and starts again from disk.
    pub fn restart(&mut self) {
        self.flush();
        self.mls = Mls::load(
            PersonaId([self.seed; 32]),
            &[self.seed; 32],
            self.disk.clone(),
        );
    }

    pub fn key_package(&mut self, last_resort: bool) -> Vec<u8> {
        self.mls
            .key_package(&mut self.random, NOW, last_resort)
            .unwrap()
    }

    pub fn say(&mut self, text: &str) -> Vec<u8> {
        let sent = self
            .mls
            .encrypt(&mut self.random, GROUP, text.as_bytes())
            .unwrap();
        self.flush();
        sent
    }

    pub fn hear(&mut self, bytes: &[u8]) -> Result<Received, ReceiveError> {
        let heard = self.mls.decrypt(GROUP, bytes, &everyone);
        if heard.is_ok() {
            self.flush();
        }
        heard
    }
}

/// Ann has started a conversation with Ben.
pub fn friends() -> (Person, Person) {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let key_package = ben.key_package(false);
    let (welcome, member) = ann
        .mls
        .create(&mut ann.random, NOW, GROUP, &key_package, &everyone)
        .unwrap();
    assert_eq!(member, ben.me());
    ben.mls.join(NOW, &welcome, &everyone).unwrap();
    ann.flush();
    ben.flush();
    (ann, ben)
}

/// What an application message says.
pub fn text(received: Received) -> String {
    match received {
        Received::Message { plaintext, .. } => String::from_utf8(plaintext).unwrap(),
        other => panic!("not a message: {other:?}"),
    }
}
