//! What a browser, a monitor or a prober asks over HTTP.

use std::net::SocketAddr;

use shared::session::wire::VERSION;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::PATIENCE;
use crate::server::Server;

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an answer in time")
        .unwrap();
    let split = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head")
        + 4;
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        head,
        body: bytes[split..].to_vec(),
    }
}

async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    exchange(address, request.as_bytes()).await
}

async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, "").await
}

#[tokio::test]
async fn a_supernode_says_who_it_is() {
    let (server, _data) = Server::fresh(&[]);
    let kith: serde_json::Value =
        serde_json::from_slice(&get(server.address, "/kith.json").await.body).unwrap();
    let answer = get(server.address, "/.well-known/kith").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let known: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let client = crate::client::Client::connect(server.address).await;
    let key = client.transcript.node.to_text();
    assert_eq!(kith["version"], 1);
    assert_eq!(kith["supernodes"][0]["key"], key.as_str());
    assert_eq!(kith["supernodes"][0]["routes"][0], "ws");
    assert_eq!(known["key"], key.as_str());
    assert_eq!(known["session"]["version_max"], VERSION);
    assert_eq!(known["gates"]["registration"]["work_bits"], 0);
    assert_eq!(known["gates"]["first_contact"]["invite"], true);
    assert_eq!(known["limits"]["frame_bytes_max"], 65_536);
}

#[tokio::test]
async fn routes_that_an_operator_names_are_published() {
    let (server, _data) =
        Server::fresh(&["--routes", "wss://node.example/ws,wss://other.example/ws"]);
    let kith: serde_json::Value =
        serde_json::from_slice(&get(server.address, "/kith.json").await.body).unwrap();
    assert_eq!(kith["supernodes"][0]["routes"][1], "wss://other.example/ws");
}

#[tokio::test]
async fn health_and_metrics_are_there() {
    let (server, _data) = Server::fresh(&[]);
    assert_eq!(get(server.address, "/healthz").await.text(), "ok\n");
    let _client = crate::client::Client::ready(server.address).await;
    let metrics = get(server.address, "/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    assert!(
        metrics.text().lines().any(|line| line == "kith_sessions 1"),
        "{}",
        metrics.text()
    );
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let (server, _data) = Server::fresh(&["--frame-ancestors", "'none'"]);
    for path in ["/", "/kith.json", "/nothing", "/healthz", "/ws"] {
        let answer = get(server.address, path).await;
        let csp = answer.header("content-security-policy").expect("a policy");
        assert!(
            csp.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"),
            "{csp}"
        );
        assert!(csp.ends_with("frame-ancestors 'none'"), "{csp}");
        assert!(
            !csp.contains("unsafe-inline") && !csp.contains("'unsafe-eval'"),
            "{csp}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert!(answer.header("permissions-policy").is_some());
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let (server, _data) = Server::fresh(&[]);
    for path in ["/", "/kith.json", "/healthz"] {
        let [head, get] = [
            ask(server.address, "HEAD", path, "").await,
            get(server.address, path).await,
        ];
        assert_eq!(head.status, 200);
        assert!(head.body.is_empty());
        assert_eq!(
            head.header("content-length"),
            Some(get.body.len().to_string().as_str())
        );
    }
}

#[tokio::test]
async fn other_methods_and_unknown_paths_are_refused() {
    let (server, _data) = Server::fresh(&[]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = ask(server.address, method, "/", "content-length: 0\r\n").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET, HEAD"))
        );
    }
    for path in ["/nothing", "/ws/more", "/index.html/x", "/.stamp"] {
        assert_eq!(get(server.address, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn there_is_no_way_out_of_the_site() {
    let (server, data) = Server::fresh(&[]);
    let key = data.path().join("node.key");
    assert!(key.exists());
    for path in [
        "/../node.key",
        "/%2e%2e/node.key",
        "/..%2fnode.key",
        "/./node.key",
        "//etc/passwd",
        "/%00",
        "/\\..\\node.key",
        &format!("/{}", key.display()),
    ] {
        let status = get(server.address, path).await.status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
}

#[tokio::test]
async fn a_websocket_must_be_asked_for_properly() {
    let (server, _data) = Server::fresh(&[]);
    for headers in [
        "",
        "upgrade: websocket\r\n",
        "upgrade: websocket\r\nsec-websocket-version: 13\r\n",
        "upgrade: websocket\r\nsec-websocket-version: 12\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
    ] {
        let answer = get_with(server.address, headers).await;
        assert_eq!(
            (answer.status, answer.header("sec-websocket-version")),
            (426, Some("13")),
            "{headers:?}"
        );
    }
}

async fn get_with(address: SocketAddr, headers: &str) -> Answer {
    ask(address, "GET", "/ws", headers).await
}

#[tokio::test]
async fn heads_that_are_too_large_or_no_http_are_refused() {
    let (server, _data) = Server::fresh(&[]);
    let long = format!("x-long: {}\r\n", "a".repeat(32 * 1024));
    assert_eq!(ask(server.address, "GET", "/", &long).await.status, 431);
    let many: String = (0..65).map(|number| format!("x-{number}: 1\r\n")).collect();
    assert_eq!(ask(server.address, "GET", "/", &many).await.status, 431);
    assert_eq!(
        exchange(server.address, b"\x16\x03\x01\x00\x00 hello\r\n\r\n")
            .await
            .status,
        400
    );
    assert_eq!(get(server.address, "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_head_that_dribbles_is_cut_off() {
    let (server, _data) = Server::fresh(&[]);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    let mut bytes = Vec::new();
    let cut_off = timeout(PATIENCE + PATIENCE, stream.read_to_end(&mut bytes)).await;
    assert!(cut_off.is_ok(), "the connection stayed open");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let (server, _data) = Server::fresh(&["--connections-max", "2"]);
    let first = TcpStream::connect(server.address).await.unwrap();
    let _second = TcpStream::connect(server.address).await.unwrap();
    let third = get(server.address, "/healthz");
    tokio::pin!(third);
    assert!(
        timeout(std::time::Duration::from_millis(300), &mut third)
            .await
            .is_err()
    );
    drop(first);
    assert_eq!(timeout(PATIENCE, third).await.unwrap().status, 200);
}

#[tokio::test]
async fn one_address_may_open_so_many_sockets_and_no_more() {
    let (server, _data) = Server::fresh(&["--sockets-per-source-max", "2"]);
    let idle = [
        TcpStream::connect(server.address).await.unwrap(),
        TcpStream::connect(server.address).await.unwrap(),
    ];
    let mut third = TcpStream::connect(server.address).await.unwrap();
    let closed = timeout(PATIENCE, third.read(&mut [0])).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    drop(idle);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(get(server.address, "/healthz").await.status, 200);
}
