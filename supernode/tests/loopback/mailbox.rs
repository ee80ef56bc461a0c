//! Envelopes through a real supernode.

use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame};

use crate::client::Client;
use crate::people::Person;
use crate::server::Server;

#[tokio::test]
async fn ann_leaves_an_envelope_and_ben_gets_it_at_once() {
    let (server, _data) = Server::fresh(&[]);
    let ben = Person::new(2);
    let (mut bens, acked, waiting) = Client::claimed(server.address, &ben).await;
    assert_eq!((acked, waiting), (0, 0));
    let mut anns = Client::ready(server.address).await;
    let kept = anns.deposit(1, ben.envelope(1, 60, b"kept")).await;
    assert_eq!(
        (kept.request, kept.code, kept.handed),
        (1, DepositCode::Ok, 1)
    );
    let live = anns.deposit(2, ben.envelope(2, 0, b"live")).await;
    assert_eq!(
        (live.request, live.code, live.handed),
        (2, DepositCode::Ok, 1)
    );
    let got = bens.delivered(2).await;
    assert_eq!(
        (got[0].sequence, got[0].bytes.as_slice()),
        (1, b"kept".as_slice())
    );
    assert_eq!(
        (got[1].sequence, got[1].bytes.as_slice()),
        (0, b"live".as_slice())
    );
}

#[tokio::test]
async fn kept_envelopes_and_cursors_survive_a_power_cut() {
    let (server, data) = Server::fresh(&[]);
    let ben = Person::new(2);
    drop(Client::claimed(server.address, &ben).await);
    let mut anns = Client::ready(server.address).await;
    for id in 1..=3 {
        assert_eq!(
            anns.deposit(0, ben.envelope(id, 60, &[id])).await.code,
            DepositCode::Ok
        );
    }
    server.kill();

    let server = Server::start(data.path(), &[]);
    let (mut bens, acked, waiting) = Client::claimed(server.address, &ben).await;
    assert_eq!((acked, waiting), (0, 3));
    let got = bens.delivered(3).await;
    assert_eq!(
        got.iter()
            .map(|delivery| delivery.bytes[0])
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    bens.send(&ClientFrame::Ack {
        up_to: got[1].sequence,
    })
    .await;
    // The next answer to a deposit comes after a commit, and commits are in order.
    let mut anns = Client::ready(server.address).await;
    bens.send(&ClientFrame::Ping { token: 1 }).await;
    bens.receive().await;
    assert_eq!(
        anns.deposit(0, ben.envelope(4, 60, &[4])).await.code,
        DepositCode::Ok
    );
    server.kill();

    let server = Server::start(data.path(), &[]);
    let (mut bens, acked, waiting) = Client::claimed(server.address, &ben).await;
    assert_eq!((acked, waiting), (got[1].sequence, 2));
    let rest = bens.delivered(2).await;
    assert_eq!(
        rest.iter()
            .map(|delivery| delivery.bytes[0])
            .collect::<Vec<_>>(),
        [3, 4]
    );
    assert!(rest[1].sequence > got[2].sequence);
}

#[tokio::test]
async fn a_key_package_that_was_handed_out_is_not_handed_out_again_after_a_power_cut() {
    let (server, data) = Server::fresh(&[]);
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    bens.send(&ClientFrame::Publish {
        packages: vec![vec![1].into(), vec![2].into()],
        last_resort: Some(vec![9].into()),
    })
    .await;
    let kept = NodeFrame::Packages {
        left: 2,
        last_resort: true,
    };
    assert_eq!(bens.receive().await, kept);
    let mut server = server;
    for expected in [1, 2, 9, 9] {
        let mut anns = Client::ready(server.address).await;
        anns.send(&ClientFrame::Fetch {
            mailbox: ben.id(),
            capability: ben.envelope(0, 0, &[]).capability,
        })
        .await;
        let NodeFrame::Package { package, .. } = anns.receive().await else {
            panic!("no answer")
        };
        assert_eq!(package.as_deref(), Some(&vec![expected]));
        server.kill();
        server = Server::start(data.path(), &[]);
    }
}
