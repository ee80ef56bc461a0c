//! What a person reads in an open chat: messages, their states, the path.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

use super::Person;
use crate::wait;

/// The messages on screen in order. A message bears a text when one of its elements has exactly
/// that text: its time, author and state stand beside it.
const MESSAGES: &str = r"
const log = document.querySelector('[role=log]');
if (!log) return [];
const bears = (message, text) =>
    message.textContent === text || [...message.querySelectorAll('*')].some(part => part.textContent === text);
return [...log.querySelectorAll('[data-from]')].map(message => ({
    from: message.dataset.from,
    state: message.dataset.state ?? null,
    text: arguments[0].find(text => bears(message, text)) ?? null,
}));
";

/// What becomes of a message of mine (`data-state`), in the order it happens.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Kept on this device only.
    Queued,
    /// Kept by a supernode.
    Sent,
    /// Kept by the friend's device.
    Delivered,
    /// Shown to the friend.
    Read,
    /// Given up, with a retry on offer.
    Failed,
}

/// One message on screen.
#[derive(Clone, Debug, Deserialize)]
struct Message {
    from: String,
    state: Option<State>,
    text: Option<String>,
}

impl Person {
    /// Waits until a friend's message with exactly this text is shown, once.
    ///
    /// # Errors
    /// When it does not come, or is there twice.
    pub async fn sees(&self, text: &str) -> Result<()> {
        self.sees_within(wait::PATIENCE, text).await
    }

    /// The same, waiting at most `patience`.
    ///
    /// # Errors
    /// When it does not come, or is there twice.
    pub async fn sees_within(&self, patience: Duration, text: &str) -> Result<()> {
        let shown = self
            .wait_for_message(patience, "them", text, |_| true)
            .await?;
        ensure!(
            shown == 1,
            "{} sees {:?} {shown} times",
            self.name,
            brief(text)
        );
        Ok(())
    }

    /// Waits until their own message with exactly this text is shown, once.
    ///
    /// # Errors
    /// When it does not come, or is there twice.
    pub async fn sees_own(&self, text: &str) -> Result<()> {
        let shown = self
            .wait_for_message(wait::PATIENCE, "me", text, |_| true)
            .await?;
        ensure!(
            shown == 1,
            "{} sees their own {:?} {shown} times",
            self.name,
            brief(text)
        );
        Ok(())
    }

    /// Waits until their own message with this text is in one of `states`.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn reaches(&self, text: &str, states: &[State]) -> Result<()> {
        self.reaches_within(wait::PATIENCE, text, states).await
    }

    /// The same, waiting at most `patience`.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn reaches_within(
        &self,
        patience: Duration,
        text: &str,
        states: &[State],
    ) -> Result<()> {
        let there = |message: &Message| message.state.is_some_and(|state| states.contains(&state));
        let waited = self.wait_for_message(patience, "me", text, there).await;
        match waited {
            Ok(_) => Ok(()),
            Err(error) => {
                let state = self.state_of(text).await?;
                Err(error.context(format!("wanted {states:?}, is {state:?}")))
            }
        }
    }

    /// State of their own message with this text, when it is shown.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn state_of(&self, text: &str) -> Result<Option<State>> {
        let messages = self.messages(&[text]).await?;
        Ok(messages
            .into_iter()
            .find(|message| message.from == "me" && message.text.is_some())
            .and_then(|message| message.state))
    }

    /// Those of `texts` that are shown, in the order of the screen, repeats included.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn order_of(&self, texts: &[&str]) -> Result<Vec<String>> {
        Ok(self
            .messages(texts)
            .await?
            .into_iter()
            .filter_map(|message| message.text)
            .collect())
    }

    /// How the open chat is connected now (`data-path` of the status `Connection`).
    ///
    /// # Errors
    /// When there is no such status.
    pub async fn path(&self) -> Result<String> {
        let script = "return document.querySelector('[role=status][data-path], output[data-path]')?.dataset.path ?? null";
        let path = self.page.run(script, json!([])).await?;
        path.as_str()
            .map(str::to_owned)
            .context("no status with data-path")
    }

    /// Waits until the path is one of `paths`.
    ///
    /// # Errors
    /// When it does not get there.
    pub async fn path_becomes(&self, paths: &[&str]) -> Result<()> {
        let mut last = String::new();
        wait::until_within(
            &format!("{}'s path to be one of {paths:?}", self.name),
            wait::LONG_PATIENCE,
            async || {
                last = self.path().await?;
                Ok(paths.contains(&last.as_str()).then_some(()))
            },
        )
        .await
        .with_context(|| format!("it is {last:?}"))
    }

    /// Checks that no message with this text shows up for a while.
    ///
    /// # Errors
    /// When one does.
    pub async fn does_not_see(&self, text: &str) -> Result<()> {
        wait::never(&format!("{:?}", brief(text)), async || {
            Ok(!self.order_of(&[text]).await?.is_empty())
        })
        .await
    }

    async fn wait_for_message(
        &self,
        patience: Duration,
        from: &str,
        text: &str,
        wanted: impl Fn(&Message) -> bool,
    ) -> Result<usize> {
        let what = format!("{} to see {:?} from {from}", self.name, brief(text));
        wait::until_within(&what, patience, async || {
            let messages = self.messages(&[text]).await?;
            let shown: Vec<_> = messages
                .iter()
                .filter(|message| message.from == from && message.text.is_some())
                .collect();
            Ok(shown
                .iter()
                .any(|message| wanted(message))
                .then_some(shown.len()))
        })
        .await
    }

    async fn messages(&self, texts: &[&str]) -> Result<Vec<Message>> {
        Ok(serde_json::from_value(
            self.page.run(MESSAGES, json!([texts])).await?,
        )?)
    }
}

/// A text short enough for an error.
fn brief(text: &str) -> String {
    const BRIEF_CHARS_MAX: usize = 60;
    let mut brief: String = text.chars().take(BRIEF_CHARS_MAX).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    brief
}
