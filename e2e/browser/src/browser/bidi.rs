//! WebDriver BiDi: commands and events over one WebSocket (W3C WebDriver BiDi).

use anyhow::{Context, Result, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

/// How long the browser may take for one command.
const COMMAND_PATIENCE: Duration = Duration::from_secs(20);

/// A BiDi connection. Console entries are kept until drained.
pub struct Bidi {
    out: mpsc::UnboundedSender<Message>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    console: Vec<String>,
}

impl Bidi {
    /// Connects to the browser's BiDi address.
    ///
    /// # Errors
    /// When the WebSocket cannot be opened.
    pub async fn connect(url: &str) -> Result<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .context("opening BiDi")?;
        let (mut sink, mut stream) = socket.split();
        let (out, mut outgoing) = mpsc::unbounded_channel();
        let state = Arc::new(Mutex::new(State::default()));
        tokio::spawn(async move {
            while let Some(message) = outgoing.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                if let Some(json) = message
                    .to_text()
                    .ok()
                    .and_then(|text| serde_json::from_str(text).ok())
                {
                    take(&shared, json);
                }
            }
            // Whoever still waits learns that no answer will come.
            lock(&shared).waiting.clear();
        });
        Ok(Self { out, state })
    }

    /// Sends a command and waits for its result.
    ///
    /// # Errors
    /// When the browser answers with an error, not in time, or is gone.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        let (answer, answered) = oneshot::channel();
        let id = {
            let mut state = lock(&self.state);
            state.last_id += 1;
            let id = state.last_id;
            state.waiting.insert(id, answer);
            id
        };
        let command = json!({ "id": id, "method": method, "params": params });
        self.out
            .send(Message::text(command.to_string()))
            .map_err(|_| anyhow!("BiDi is closed"))?;
        let mut answer = tokio::time::timeout(COMMAND_PATIENCE, answered)
            .await
            .with_context(|| format!("no answer to {method}"))??;
        if answer["type"] == "error" {
            bail!("{method}: {} {}", answer["error"], answer["message"]);
        }
        Ok(answer["result"].take())
    }

    /// Takes the console entries that came since the last call.
    #[must_use]
    pub fn drain_console(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).console)
    }
}

fn take(state: &Mutex<State>, message: Value) {
    let mut state = lock(state);
    if let Some(waiter) = message["id"]
        .as_u64()
        .and_then(|id| state.waiting.remove(&id))
    {
        // The caller may have given up.
        let _ = waiter.send(message);
    } else if message["method"] == "log.entryAdded" {
        let entry = &message["params"];
        state.console.push(format!(
            "{} {} {}",
            entry["timestamp"],
            entry["level"].as_str().unwrap_or("?"),
            entry["text"].as_str().unwrap_or("")
        ));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
