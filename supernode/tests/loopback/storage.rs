//! A supernode in this process, on a store that can be told to fail.

use std::sync::Arc;

use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};
use supernode::Node;
use supernode::config::Config;
use supernode::store::memory::Memory;
use tempfile::TempDir;

use crate::client::Client;
use crate::people::Person;

async fn start(change: impl FnOnce(&mut Config)) -> (Node, Arc<Memory>, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut config = Config {
        http: ([127, 0, 0, 1], 0).into(),
        data: data.path().to_owned(),
        ..Config::default()
    };
    change(&mut config);
    let store = Arc::new(Memory::default());
    (
        Node::start_on(&config, store.clone()).await.unwrap(),
        store,
        data,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_disk_is_admitted_and_survived() {
    let (node, store, _data) = start(|_| {}).await;
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(node.address(), &ben).await;
    let mut anns = Client::ready(node.address()).await;
    assert_eq!(
        anns.deposit(1, ben.envelope(1, 60, b"before")).await.code,
        DepositCode::Ok
    );
    assert_eq!(bens.deliveries().await[0].bytes, b"before");

    store.set_failing(true);
    assert_eq!(
        anns.deposit(2, ben.envelope(2, 60, b"lost")).await.code,
        DepositCode::Storage
    );
    store.set_failing(false);
    assert!(matches!(
        bens.receive().await,
        NodeFrame::Refused {
            code: Refusal::Storage,
            ..
        }
    ));
    assert!(bens.end().await.is_some());

    assert_eq!(
        anns.deposit(3, ben.envelope(2, 60, b"again")).await.code,
        DepositCode::Ok
    );
    let (mut bens, acked, waiting) = Client::claimed(node.address(), &ben).await;
    assert_eq!((acked, waiting), (0, 2));
    let got = bens.delivered(2).await;
    assert_eq!(got[1].bytes, b"again");
    assert!(got[1].sequence > got[0].sequence);
    drop((anns, bens));
    node.drain().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_takes_no_more() {
    let (node, _store, _data) = start(|config| config.disk_reserve_bytes = u64::MAX).await;
    let ben = Person::new(2);
    let mut client = Client::ready(node.address()).await;
    let claim = client.claim(&ben);
    client.send(&claim).await;
    assert!(matches!(
        client.receive().await,
        NodeFrame::Refused {
            code: Refusal::NoRoom,
            ..
        }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_deposits_share_commits_and_are_all_kept() {
    let (node, _store, _data) = start(|config| config.frames_burst = 5000).await;
    let ben = Person::new(2);
    let (bens, ..) = Client::claimed(node.address(), &ben).await;
    drop(bens);
    let mut anns = Client::ready(node.address()).await;
    for number in 0..1000_u32 {
        let mut envelope = ben.envelope(0, 60, &number.to_be_bytes());
        envelope.id.0[..4].copy_from_slice(&number.to_be_bytes());
        anns.send(&ClientFrame::Deposit {
            request: number,
            envelope,
        })
        .await;
    }
    for number in 0..1000 {
        let receipt = anns.receipt().await;
        assert_eq!((receipt.request, receipt.code), (number, DepositCode::Ok));
    }
    let (mut bens, _, waiting) = Client::claimed(node.address(), &ben).await;
    assert_eq!(waiting, 1000);
    let mut got = Vec::new();
    while got.len() < 1000 {
        let some = bens.deliveries().await;
        let up_to = some.last().unwrap().sequence;
        got.extend(
            some.into_iter()
                .map(|delivery| u32::from_be_bytes(delivery.bytes.try_into().unwrap())),
        );
        bens.send(&ClientFrame::Ack { up_to }).await;
    }
    assert_eq!(got, (0..1000).collect::<Vec<_>>());
}
