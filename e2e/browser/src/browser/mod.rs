//! One real browser under WebDriver, with a fresh profile.
//!
//! `chromium` and `firefox` hold what differs: start-up options, scripts that run before the page,
//! the console, the size of the screen. `raw` holds WebDriver commands that the client library
//! does not name; `bidi` is the event channel that Firefox needs for the same.

pub mod bidi;
pub mod chromium;
pub mod firefox;
pub mod raw;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

use crate::process::Process;
use crate::wait;
use bidi::Bidi;

/// How long a driver may take to listen, or a browser to end.
const DRIVER_PATIENCE: Duration = Duration::from_secs(20);

/// How often a driver is started before it is given up.
const DRIVER_STARTS: u32 = 3;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Debian's Chromium.
    Chromium,
    /// Debian's Firefox ESR.
    Firefox,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

/// A screen size in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// A phone held upright.
pub const PHONE: Screen = Screen {
    width: 390,
    height: 844,
};
/// A small desktop.
pub const DESKTOP: Screen = Screen {
    width: 1280,
    height: 800,
};

/// How a browser is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Firefox preferences, over those that every journey needs.
    pub firefox_preferences: Vec<(String, Value)>,
    /// Chromium flags, over those that every journey needs.
    pub chromium_flags: Vec<String>,
    /// Chromium's channels do not go over loopback.
    pub without_loopback: bool,
}

/// A running browser.
pub struct Browser {
    kind: Kind,
    /// The WebDriver client, for whatever this type does not name.
    pub client: Client,
    session: String,
    driver_at: SocketAddr,
    bidi: Option<Bidi>,
    console: Mutex<Vec<String>>,
    driver: Process,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser of `kind` with a fresh profile, at desktop size.
    ///
    /// # Errors
    /// When the driver or browser is missing or does not start.
    pub async fn launch(kind: Kind, options: &Options) -> Result<Self> {
        let profile = tempfile::Builder::new().prefix("kith-browser-").tempdir()?;
        let log = profile.path().join("driver.log");
        let mut command = match kind {
            Kind::Chromium => chromium::driver(),
            Kind::Firefox => firefox::driver(profile.path()),
        };
        let (driver, port) = start_driver(&mut command, &log).await?;
        let capabilities = match kind {
            Kind::Chromium => chromium::capabilities(&profile.path().join("data"), options),
            Kind::Firefox => firefox::capabilities(options),
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(as_object(capabilities))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .with_context(|| format!("starting {kind}; its driver said:\n{}", driver.output()))?;
        // The session is ended by `Drop` below, which also runs when a journey panics.
        client.persist().await?;
        let session = client.session_id().await?.context("no session")?;
        let bidi = match kind {
            Kind::Chromium => None,
            Kind::Firefox => Some(firefox::connect_bidi(&client).await?),
        };
        let browser = Self {
            kind,
            client,
            session,
            driver_at: SocketAddr::from(([127, 0, 0, 1], port)),
            bidi,
            console: Mutex::default(),
            driver,
            _profile: profile,
        };
        browser.resize(DESKTOP).await?;
        Ok(browser)
    }

    /// Which browser it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Gives every page of the current tab a screen of this size.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn resize(&self, screen: Screen) -> Result<()> {
        match &self.bidi {
            None => chromium::resize(&self.client, screen).await,
            Some(bidi) => firefox::resize(bidi, &self.client, screen).await,
        }
    }

    /// Runs `script` in every page opened from now on, before the page's own scripts.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn run_before_pages(&self, script: &str) -> Result<()> {
        match &self.bidi {
            None => self
                .cdp(
                    "Page.addScriptToEvaluateOnNewDocument",
                    json!({ "source": script }),
                )
                .await
                .map(drop),
            Some(bidi) => bidi
                .call(
                    "script.addPreloadScript",
                    json!({ "functionDeclaration": format!("() => {{ {script} }}") }),
                )
                .await
                .map(drop),
        }
    }

    /// Sends a Chrome DevTools Protocol command to the current tab.
    ///
    /// # Errors
    /// When the command fails, or the browser is not Chromium.
    pub async fn cdp(&self, method: &str, params: Value) -> Result<Value> {
        if self.kind != Kind::Chromium {
            bail!("{method} needs Chromium");
        }
        raw::post(
            &self.client,
            "goog/cdp/execute",
            json!({ "cmd": method, "params": params }),
        )
        .await
    }

    /// Opens a tab and makes it current.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn new_tab(&self) -> Result<WindowHandle> {
        let tab = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(tab.clone()).await?;
        Ok(tab)
    }

    /// Everything that pages wrote to the console so far, oldest first.
    pub async fn console(&self) -> Vec<String> {
        let fresh = match &self.bidi {
            None => chromium::drain_console(&self.client)
                .await
                .unwrap_or_default(),
            Some(bidi) => bidi.drain_console(),
        };
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        console.extend(fresh);
        console.clone()
    }

    /// The current tab as PNG.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = raw::get(&self.client, "screenshot").await?;
        let text = picture.as_str().context("a screenshot is a string")?;
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }

    /// What the driver wrote so far.
    #[must_use]
    pub fn driver_log(&self) -> String {
        self.driver.output()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser itself: killing the driver alone would orphan it.
        let _ = end_session(self.driver_at, &self.session);
        self.driver.kill();
    }
}

fn end_session(driver: SocketAddr, session: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&driver, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "DELETE /session/{session} HTTP/1.1\r\nHost: {driver}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )?;
    stream.read(&mut [0; 512]).map(drop)
}

/// Starts a driver and waits until it listens. One that ends at once is started again: ChromeDriver
/// does when the port that it was given for IPv4 is taken for IPv6.
async fn start_driver(command: &mut Command, log: &Path) -> Result<(Process, u16)> {
    for _ in 0..DRIVER_STARTS {
        let mut driver = Process::spawn(command, log)?;
        let started = wait::until_within("the driver to listen", DRIVER_PATIENCE, async || {
            Ok(match listening_port(&driver.output()) {
                Some(port) => Some(Some(port)),
                None if driver.is_running() => None,
                None => Some(None),
            })
        })
        .await
        .with_context(|| format!("the driver said:\n{}", driver.output()))?;
        if let Some(port) = started {
            return Ok((driver, port));
        }
    }
    let said = std::fs::read_to_string(log).unwrap_or_default();
    bail!("the driver ended {DRIVER_STARTS} times before it listened; it said:\n{said}")
}

/// Finds the port in a driver's greeting: `… on port 4444.` or `Listening on 127.0.0.1:4444`.
fn listening_port(greeting: &str) -> Option<u16> {
    greeting.lines().find_map(|line| {
        let rest = line
            .split_once("started successfully on port ")
            .or_else(|| line.split_once("Listening on 127.0.0.1:"))?
            .1;
        rest.trim_end().trim_end_matches('.').parse().ok()
    })
}

fn as_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
