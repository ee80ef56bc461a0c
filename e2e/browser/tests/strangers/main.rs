//! Clients by other people, against the real supernode: by WebRTC-direct PyPI's `aiortc`; by WebSocket PyPI's `websockets`, npm's `ws`, Chromium and
//! Firefox. Each shakes hands by raw bytes and tries what its library lets it: pings, fragments, messages of
//! each length form, one that is too large, text, garbage, close codes.

use anyhow::{Context, Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::network::own_address;
use e2e_browser::supernode::Supernode;
use e2e_browser::world::World;
use e2e_browser::{http, journey};
use serde_json::{Value, json};
use std::env;
use std::path::PathBuf;
use tokio::process::Command;

const PYTHON_RULES: usize = 7;
const DIRECT_RULES: usize = 4;
const NODE_RULES: usize = 7;
const PAGE_RULES: usize = 7;

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/strangers")
        .join(name)
}

fn place(variable: &str) -> Result<PathBuf> {
    let place = env::var_os(variable);
    let place = place.with_context(|| {
        format!("{variable} is not set; `cargo xtask test` installs it and sets it")
    })?;
    Ok(place.into())
}

fn address(node: &Supernode) -> String {
    format!("ws://{}/ws", node.address())
}

/// Runs a client that prints `ok RULE` for each of `rules` rules.
async fn run(command: &mut Command, rules: usize) -> Result<()> {
    let output = command.kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "{}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let held = said.lines().filter(|line| line.starts_with("ok ")).count();
    ensure!(held == rules, "{held} rules of {rules} were tried:\n{said}");
    Ok(())
}

#[test]
fn the_python_package_websockets_is_served() {
    journey::run("the_python_package_websockets_is_served", async |world| {
        let mut node = world.supernode().await?;
        let mut command = Command::new("python3");
        command
            .arg(script("client.py"))
            .arg(address(&node))
            .env("PYTHONPATH", place("KITH_WEBSOCKETS")?)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        run(&mut command, PYTHON_RULES).await?;
        ensure!(node.is_running());
        Ok(())
    });
}

#[test]
fn the_python_package_aiortc_dials_by_address() {
    journey::run(
        "the_python_package_aiortc_dials_by_address",
        async |world| {
            let udp = format!("{}:0", own_address()?);
            let mut node = world
                .supernode_with(&["--udp", &udp, "--websocket", "false"])
                .await?;
            let described = http::get(node.address(), "/kith.json", &[]).await?;
            let described: Value = serde_json::from_slice(&described.body)?;
            let one = &described["supernodes"][0];
            let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
            let mut command = Command::new("python3");
            command
                .arg(script("direct.py"))
                .arg(text(&one["routes"][0])?)
                .arg(text(&one["key"])?)
                .env("PYTHONPATH", place("KITH_AIORTC")?)
                .env("PYTHONDONTWRITEBYTECODE", "1");
            run(&mut command, DIRECT_RULES).await?;
            ensure!(node.is_running());
            Ok(())
        },
    );
}

#[test]
fn the_npm_package_ws_is_served() {
    journey::run("the_npm_package_ws_is_served", async |world| {
        let mut node = world.supernode().await?;
        let mut command = Command::new("node");
        command
            .arg(script("client.mjs"))
            .arg(address(&node))
            .env("KITH_WS", place("KITH_WS")?);
        run(&mut command, NODE_RULES).await?;
        ensure!(node.is_running());
        Ok(())
    });
}

async fn is_served(world: &World, kind: Kind) -> Result<()> {
    let mut node = world.supernode().await?;
    let somebody = world.person("Somebody", kind).await?;
    somebody.page.open(&node.url()).await?;
    let code = std::fs::read_to_string(script("page.js"))?;
    let found = somebody
        .page
        .run_async(&code, json!([address(&node)]))
        .await?;
    ensure!(found["broken"].is_null(), "{found}");
    let held = found["held"].as_array().map_or(0, Vec::len);
    ensure!(
        held == PAGE_RULES,
        "{held} rules of {PAGE_RULES} were tried: {found}"
    );
    ensure!(node.is_running());
    Ok(())
}

#[test]
fn chromium_s_own_websocket_is_served() {
    journey::run("chromium_s_own_websocket_is_served", async |world| {
        is_served(world, Kind::Chromium).await
    });
}

#[test]
fn firefox_s_own_websocket_is_served() {
    journey::run("firefox_s_own_websocket_is_served", async |world| {
        is_served(world, Kind::Firefox).await
    });
}
