//! `kill -9`, two hundred times, in the middle of everything.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::dice::Dice;
use crate::people::Person;
use crate::recipient::Recipient;
use crate::sender::Sender;
use crate::server::Server;

/// Supernodes that are killed side by side.
const SUPERNODES: u64 = 4;
/// How often each is.
const KILLS: u64 = 50;
/// Longest time between the start and the kill.
const LOAD_MS_MAX: u64 = 300;
/// The load is above what one source may do, and above what one mailbox may hold.
const FLAGS: [&str; 10] = [
    "--frames-burst",
    "1000000",
    "--frames-per-second",
    "1000000",
    "--connects-burst",
    "1000000",
    "--mailbox-envelopes-max",
    "1000000",
    "--mailbox-bytes-max",
    "10000000000",
];

/// Two people fetch; each is written to by two.
struct Town {
    recipients: [Recipient; 2],
    senders: [[Sender; 2]; 2],
}

impl Town {
    fn new(seed: u64) -> Self {
        let sender = |number| Sender::new(seed * 10 + number);
        Self {
            recipients: [
                Recipient::new(1, seed * 10),
                Recipient::new(2, seed * 10 + 1),
            ],
            senders: [[sender(2), sender(3)], [sender(4), sender(5)]],
        }
    }

    /// Registers the mailboxes.
    async fn settle(&mut self, server: &Server) {
        for recipient in &mut self.recipients {
            assert_eq!(recipient.waiting(server.address).await, Some(0));
        }
    }

    /// Everybody is busy until the supernode dies after `life`.
    async fn live(&mut self, server: Server, life: Duration) {
        let address = server.address;
        let [anns, bens] = [1, 2].map(Person::new);
        let [ann, ben] = &mut self.recipients;
        let [[to_ann, to_ann_too], [to_ben, to_ben_too]] = &mut self.senders;
        tokio::join!(
            ann.fetch(address),
            ben.fetch(address),
            to_ann.write(address, &anns),
            to_ann_too.write(address, &anns),
            to_ben.write(address, &bens),
            to_ben_too.write(address, &bens),
            async {
                sleep(life).await;
                server.kill();
            }
        );
    }

    /// Everything that was begun is brought to its end.
    async fn finish(&mut self, data: &Path) {
        let server = Server::start(data, &FLAGS);
        for (recipient, senders) in self.recipients.iter_mut().zip(&mut self.senders) {
            for sender in senders {
                sender.writing = false;
                let written = sender.write(server.address, &recipient.person).await;
                written.expect("a supernode that stays");
            }
            let fetched = recipient.fetch_all(server.address).await;
            fetched.expect("a supernode that stays");
        }
        let (status, ..) = server.terminate();
        assert!(status.success());
        let server = Server::start(data, &FLAGS);
        for recipient in &mut self.recipients {
            assert_eq!(recipient.waiting(server.address).await, Some(0));
        }
    }

    fn check(&self) -> usize {
        let mut count = 0;
        for (recipient, senders) in self.recipients.iter().zip(&self.senders) {
            let all = |pick: fn(&Sender) -> &BTreeSet<_>| -> BTreeSet<_> {
                senders.iter().flat_map(pick).copied().collect()
            };
            let acknowledged = all(|sender| &sender.acknowledged);
            let lost = acknowledged.difference(&recipient.shown).count();
            assert_eq!(lost, 0, "acknowledged and lost");
            assert_eq!(recipient.shown, acknowledged);
            let repeated = all(|sender| &sender.repeated);
            assert!(
                recipient.dropped.is_subset(&repeated),
                "came twice, though it was sent once"
            );
            count += acknowledged.len();
        }
        count
    }
}

async fn town(seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let (server, data) = Server::fresh(&FLAGS);
    let mut town = Town::new(seed);
    town.settle(&server).await;
    server.kill();
    for _ in 1..KILLS {
        let server = Server::start(data.path(), &FLAGS);
        let life = Duration::from_millis(dice.below(LOAD_MS_MAX));
        town.live(server, life).await;
    }
    town.finish(data.path()).await;
    town.check()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_kills_lose_nothing_that_was_acknowledged() {
    let towns: Vec<_> = (1..=SUPERNODES)
        .map(|seed| tokio::spawn(town(seed)))
        .collect();
    for town in towns {
        let acknowledged = town.await.unwrap();
        assert!(
            acknowledged > 500,
            "{acknowledged} deposits are hardly a load"
        );
        println!("{acknowledged} acknowledged deposits");
    }
}
