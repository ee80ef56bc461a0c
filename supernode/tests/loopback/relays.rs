//! What a page is told of the STUN and TURN servers.

use shared::session::wire::{ClientFrame, NodeFrame};

use crate::client::Client;
use crate::people::Person;
use crate::server::Server;

async fn urls(flags: &[&str]) -> Vec<String> {
    let (server, _data) = Server::fresh(flags);
    let (mut client, ..) = Client::claimed(server.address, &Person::new(1)).await;
    client.send(&ClientFrame::Turn {}).await;
    match client.receive().await {
        NodeFrame::Turn { urls, .. } => urls,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_told_of_tls_by_the_name_in_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["*.example.org", "relay.example.org"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let files = [
        ("certificate.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ];
    let [certificate, key] = files.map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let open = ["--udp", "127.0.0.1:0"];
    assert!(urls(&[]).await.is_empty());
    let told = urls(&open).await;
    assert!(
        matches!(&*told, [stun, udp, tcp] if stun.starts_with("stun:127.0.0.1:")
            && udp.ends_with("?transport=udp") && tcp.ends_with("?transport=tcp")),
        "{told:?}"
    );
    let secure = [
        "--turn-tls",
        "127.0.0.1:0",
        "--tls-certificate",
        &certificate,
        "--tls-key",
        &key,
    ];
    let secure = [&open[..], &secure].concat();
    let told = urls(&secure).await;
    assert!(
        matches!(&*told, [_, _, url, _] if url.starts_with("turns:relay.example.org:")
            && url.ends_with("?transport=tcp")),
        "{told:?}"
    );
    let named = [&secure[..], &["--turn-tls-name", "other.example.org"]].concat();
    let told = urls(&named).await;
    assert!(told[2].starts_with("turns:other.example.org:"), "{told:?}");
}
