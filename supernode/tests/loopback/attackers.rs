//! People without the right to what they ask for, at a real supernode.

use shared::base::limits::ENVELOPE_BYTES_MAX;
use shared::base::sign::Purpose;
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::wire::{DepositCode, Envelope};
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};
use supernode::random::System;

use crate::client::Client;
use crate::people::Person;
use crate::server::Server;

/// The envelope, with a capability made of `secret` that ended long ago if it `expired`.
fn with_capability(to: &Person, id: u8, secret: [u8; 32], expired: bool) -> Envelope {
    let mut envelope = to.envelope(id, 60, b"let me in");
    let until = expired.then_some(shared::base::time::Timestamp(86_400_000));
    let (person, mut random) = (to.id(), System::default());
    envelope.capability = Capability::issue(&secret, &person, Lane::Contact, until, &mut random);
    envelope
}

#[tokio::test]
async fn who_has_no_right_to_a_mailbox_leaves_nothing_in_it() {
    let (server, _data) = Server::fresh(&[]);
    let [ben, nobody] = [Person::new(2), Person::new(9)];
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let revoked = ben.envelope(1, 60, b"first");
    let other_keep = ben.envelope(7, 60, b"of another serial");
    let mut eves = Client::ready(server.address).await;
    assert_eq!(eves.deposit(0, revoked.clone()).await.code, DepositCode::Ok);
    assert_eq!(bens.deliveries().await.len(), 1);
    let serials = vec![revoked.capability.serial];
    let revoke = serials.clone();
    bens.send(&ClientFrame::Revoke { serials: revoke }).await;
    let code = DepositCode::Ok;
    let confirmed = NodeFrame::Revoked { code, serials };
    assert_eq!(bens.receive().await, confirmed);

    let mut again = revoked.clone();
    again.id.0 = [2; 16];
    let mut bent = ben.envelope(3, 60, b"one bit");
    let mut bytes = bent.capability.to_bytes();
    bytes[23] ^= 1;
    bent.capability = Capability::from_bytes(&bytes).unwrap();
    let mut borrowed = ben.envelope(4, 60, b"for somebody else");
    borrowed.to = nobody.id();
    let mut live = again.clone();
    live.keep_seconds = 0;
    let refused = [
        (
            "none",
            with_capability(&ben, 5, [0; 32], false),
            DepositCode::NoCapability,
        ),
        (
            "of another",
            with_capability(&ben, 6, nobody.secret, false),
            DepositCode::NoCapability,
        ),
        ("one bit off", bent, DepositCode::NoCapability),
        (
            "expired",
            with_capability(&ben, 8, ben.secret, true),
            DepositCode::CapabilityExpired,
        ),
        ("revoked", again, DepositCode::CapabilityRevoked),
        ("revoked, live", live, DepositCode::CapabilityRevoked),
        (
            "revoked, and kept before",
            revoked,
            DepositCode::CapabilityRevoked,
        ),
        ("no such mailbox", borrowed, DepositCode::NoMailbox),
    ];
    for (capability, envelope, code) in refused {
        let receipt = eves.deposit(1, envelope).await;
        assert_eq!((receipt.code, receipt.handed), (code, 0), "{capability}");
    }
    // One revoked capability takes no other with it, and nothing came in between.
    assert_eq!(eves.deposit(2, other_keep).await.code, DepositCode::Ok);
    let came = bens.deliveries().await;
    assert_eq!(
        (came.len(), came[0].bytes.as_slice()),
        (1, b"of another serial".as_slice())
    );
}

#[tokio::test]
async fn a_deposit_that_is_replayed_is_kept_and_handed_over_once() {
    let (server, _data) = Server::fresh(&[]);
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let envelope = ben.envelope(1, 60, b"once");
    for request in 0..20 {
        // Somebody who has seen it go by, on a connection of their own.
        let mut anyone = Client::ready(server.address).await;
        let receipt = anyone.deposit(request, envelope.clone()).await;
        assert_eq!(receipt.code, DepositCode::Ok);
    }
    let mut anns = Client::ready(server.address).await;
    anns.deposit(0, ben.envelope(2, 60, b"next")).await;
    let came = bens.delivered(2).await;
    assert_eq!(
        [&came[0].bytes[..], &came[1].bytes[..]],
        [&b"once"[..], b"next"]
    );
    drop(bens);
    assert_eq!(Client::claimed(server.address, &ben).await.2, 2);
}

#[tokio::test]
async fn nobody_gets_at_the_mailbox_of_another() {
    let (server, _data) = Server::fresh(&[]);
    let [ben, eve] = [Person::new(2), Person::new(9)];
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let mut anns = Client::ready(server.address).await;
    anns.deposit(0, ben.envelope(1, 60, b"for Ben alone")).await;
    let envelope = bens.deliveries().await.remove(0);

    let claim = |client: &Client, device: &Person, signer: &Person, secret: Vec<u8>| {
        let transcript = client.transcript.for_device(&ben.id(), &device.device_id());
        ClientFrame::Claim {
            devices: ben.devices().carried().to_vec(),
            device: device.device_id(),
            signature: signer.device.sign(Purpose::SessionDevice, &transcript),
            capability_secret: secret,
        }
    };
    for (device, signer) in [(&ben, &eve), (&eve, &eve)] {
        let mut eves = Client::ready(server.address).await;
        let frame = claim(&eves, device, signer, eve.secret.to_vec());
        eves.send(&frame).await;
        let NodeFrame::Refused { code, .. } = eves.receive().await else {
            panic!("Eve reads Ben's mail")
        };
        assert_eq!(code, Refusal::BadProof);
        eves.end().await;
    }
    // Without a claim, and with one for her own mailbox, she moves nothing in Ben's.
    let mut eves = Client::ready(server.address).await;
    let ack = ClientFrame::Ack { up_to: u64::MAX };
    let revoke = ClientFrame::Revoke {
        serials: vec![ben.envelope(1, 0, b"").capability.serial],
    };
    for frame in [&ack, &revoke] {
        eves.send(frame).await;
        let NodeFrame::Refused { code, .. } = eves.receive().await else {
            panic!("taken without a claim")
        };
        assert_eq!(code, Refusal::NotClaimed);
    }
    let (mut own, ..) = Client::claimed(server.address, &eve).await;
    own.send(&ack).await;
    own.send(&ClientFrame::Ping { token: 3 }).await;
    assert_eq!(own.receive().await, NodeFrame::Pong { token: 3 });
    drop(bens);
    let (mut bens, acked, waiting) = Client::claimed(server.address, &ben).await;
    assert_eq!((acked, waiting), (0, 1));
    assert_eq!(bens.deliveries().await, [envelope]);
    assert_eq!(
        anns.deposit(1, ben.envelope(2, 0, b"as before")).await.code,
        DepositCode::Ok,
        "Ben's secret is still Ben's"
    );
}

#[tokio::test]
async fn the_largest_envelope_is_kept_and_one_byte_more_is_too_large() {
    let (server, _data) = Server::fresh(&[]);
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let mut anns = Client::ready(server.address).await;
    let largest = vec![7; ENVELOPE_BYTES_MAX];
    for (id, keep_seconds) in [(1, 60), (2, 0)] {
        let receipt = anns
            .deposit(0, ben.envelope(id, keep_seconds, &largest))
            .await;
        assert_eq!(receipt.code, DepositCode::Ok);
        assert_eq!(bens.deliveries().await[0].bytes, largest);
        let more = [&largest[..], b"x"].concat();
        let receipt = anns
            .deposit(1, ben.envelope(id + 2, keep_seconds, &more))
            .await;
        assert_eq!((receipt.code, receipt.handed), (DepositCode::TooLarge, 0));
    }
    assert_eq!(
        anns.deposit(2, ben.envelope(9, 0, b"small")).await.handed,
        1
    );
    assert_eq!(bens.deliveries().await[0].bytes, b"small");
}
