//! Clients that do what they should not, and a supernode that ends.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use shared::base::codec::encode;
use shared::base::limits::{FRAME_BYTES_MAX, FRAMES_BURST};
use shared::mailbox::wire::DepositCode;
use shared::session::wire::{ClientFrame, NodeFrame, Refusal};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::client::Client;
use crate::people::Person;
use crate::server::Server;

fn refusal(frame: &NodeFrame) -> Option<Refusal> {
    if let NodeFrame::Refused { code, .. } = frame {
        Some(*code)
    } else {
        None
    }
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let (server, _data) = Server::fresh(&[]);
    let mut other = Client::ready(server.address).await;
    for garbage in [vec![], vec![0xff; 100], b"hello".to_vec()] {
        let mut client = Client::ready(server.address).await;
        client.send_bytes(garbage).await;
        assert_eq!(refusal(&client.receive().await), Some(Refusal::BadFrame));
        assert_eq!(client.end().await.unwrap().code, CloseCode::Policy);
    }
    other.send(&ClientFrame::Ping { token: 1 }).await;
    assert_eq!(other.receive().await, NodeFrame::Pong { token: 1 });
}

#[tokio::test]
async fn the_largest_message_is_read_and_a_larger_one_closes_with_1009() {
    let (server, _data) = Server::fresh(&[]);
    let mut client = Client::ready(server.address).await;
    client.send_bytes(vec![0; FRAME_BYTES_MAX]).await;
    assert_eq!(
        refusal(&client.receive().await),
        Some(Refusal::BadFrame),
        "it was read as a frame"
    );

    let mut client = Client::ready(server.address).await;
    client.send_bytes(vec![0; FRAME_BYTES_MAX + 1]).await;
    assert_eq!(refusal(&client.receive().await), Some(Refusal::TooLarge));
    assert_eq!(client.end().await.unwrap().code, CloseCode::Size);
}

#[tokio::test]
async fn a_text_message_closes_with_1003() {
    let (server, _data) = Server::fresh(&[]);
    let mut client = Client::ready(server.address).await;
    client
        .socket
        .send(Message::Text("hello".into()))
        .await
        .unwrap();
    assert_eq!(client.end().await.unwrap().code, CloseCode::Unsupported);
}

#[tokio::test]
async fn pings_are_answered_and_a_flood_of_them_is_not() {
    let (server, _data) = Server::fresh(&[]);
    let mut client = Client::ready(server.address).await;
    client
        .socket
        .send(Message::Ping(b"there?".to_vec().into()))
        .await
        .unwrap();
    let Some(Ok(Message::Pong(echo))) = client.socket.next().await else {
        panic!("no pong")
    };
    assert_eq!(echo.as_ref(), b"there?");
    for _ in 0..40 {
        if client
            .socket
            .send(Message::Ping(Vec::new().into()))
            .await
            .is_err()
        {
            break;
        }
    }
    if let Some(frame) = client.end().await {
        assert_eq!(frame.code, CloseCode::Policy);
    }
}

#[tokio::test]
async fn a_flood_of_frames_is_told_to_slow_down() {
    let (server, _data) = Server::fresh(&["--frames-per-second", "1"]);
    let mut client = Client::ready(server.address).await;
    for token in 1..FRAMES_BURST {
        client.send(&ClientFrame::Ping { token }).await;
    }
    for token in 1..FRAMES_BURST {
        assert_eq!(client.receive().await, NodeFrame::Pong { token });
    }
    for token in 0..5 {
        let _ = client
            .socket
            .send(Message::Binary(encode(&ClientFrame::Ping { token }).into()))
            .await;
    }
    let refused = loop {
        match client.receive().await {
            NodeFrame::Pong { .. } => {}
            other => break other,
        }
    };
    assert!(matches!(
        refused,
        NodeFrame::Refused {
            code: Refusal::SlowDown,
            retry_after_ms: 1..,
            ..
        }
    ));
}

#[tokio::test]
async fn one_address_may_open_so_many_connections_and_no_more() {
    let (server, _data) = Server::fresh(&["--connections-per-source-max", "3"]);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Client::ready(server.address).await);
    }
    let url = format!("ws://{}/ws", server.address);
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.unwrap();
    let Some(Ok(Message::Binary(frame))) = socket.next().await else {
        panic!("no reason")
    };
    let frame = shared::base::codec::decode(&frame, FRAME_BYTES_MAX).unwrap();
    assert_eq!(refusal(&frame), Some(Refusal::SlowDown));
    drop(open.pop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    Client::ready(server.address).await;
}

#[tokio::test]
async fn a_claim_replayed_to_another_supernode_fails() {
    let [(one, _a), (two, _b)] = [Server::fresh(&[]), Server::fresh(&[])];
    let ann = Person::new(1);
    let first = Client::ready(one.address).await;
    let mut second = Client::ready(two.address).await;
    second.send(&first.claim(&ann)).await;
    assert_eq!(refusal(&second.receive().await), Some(Refusal::BadProof));
}

#[tokio::test]
async fn somebody_who_does_not_read_is_closed_and_others_go_on() {
    let (server, _data) =
        Server::fresh(&["--frames-burst", "100000", "--frames-per-second", "100000"]);
    let [ann, ben] = [Person::new(1), Person::new(2)];
    let (mut anns, ..) = Client::claimed(server.address, &ann).await;
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let mut sender = Client::ready(server.address).await;
    let body = vec![7; 40_000];
    let mut handed = 1;
    let mut sent = 0;
    while handed > 0 {
        handed = sender.deposit(sent, ben.envelope(1, 0, &body)).await.handed;
        sent += 1;
        assert!(sent < 5000, "an endless outbox");
    }
    assert_eq!(
        sender
            .deposit(0, ann.envelope(2, 0, b"still here"))
            .await
            .handed,
        1
    );
    assert_eq!(anns.deliveries().await[0].bytes, b"still here");
    if let Some(frame) = bens.end().await {
        assert_eq!(frame.code, CloseCode::Library(4001));
    }
}

#[tokio::test]
async fn sigterm_drains() {
    let (server, data) = Server::fresh(&[]);
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let mut anns = Client::ready(server.address).await;
    assert_eq!(
        anns.deposit(1, ben.envelope(1, 60, b"kept")).await.code,
        DepositCode::Ok
    );
    bens.deliveries().await;
    let ended = tokio::task::spawn_blocking(|| server.terminate());
    assert_eq!(refusal(&bens.receive().await), Some(Refusal::Draining));
    assert_eq!(bens.end().await.unwrap().code, CloseCode::Away);
    drop((bens, anns));
    let (status, took, _) = ended.await.unwrap();
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    let server = Server::start(data.path(), &[]);
    assert_eq!(Client::claimed(server.address, &ben).await.2, 1);
}

#[tokio::test]
async fn the_log_at_info_names_nobody() {
    let (server, _data) = Server::fresh(&["--log", "info"]);
    let ben = Person::new(2);
    let (mut bens, ..) = Client::claimed(server.address, &ben).await;
    let mut anns = Client::ready(server.address).await;
    anns.deposit(1, ben.envelope(1, 60, b"words nobody should read"))
        .await;
    bens.deliveries().await;
    bens.send_bytes(vec![0xff; 9]).await;
    bens.end().await;
    let port = server.address.port().to_string();
    drop((bens, anns));
    let (.., log) = tokio::task::spawn_blocking(|| server.terminate())
        .await
        .unwrap();
    assert!(log.contains(&port) && log.contains("drained"), "{log}");
    for secret in [
        "127.0.0.1",
        "words",
        &ben.id().to_text(),
        &ben.device_id().to_text(),
        "node.key",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
