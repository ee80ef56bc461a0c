//! A named person in front of a browser: what they do, in the words of a story.
//!
//! `sees` has what they read. All of it goes by the contract of accessible names.

mod contacts;
mod sees;

pub use sees::State;

use anyhow::{Context, Result};
use serde_json::json;

use crate::page::{Page, typing};
use crate::wait;

/// A person and the tab in front of them.
#[derive(Clone)]
pub struct Person {
    /// What they are called, and what they type as their name.
    pub name: String,
    /// What is in front of them.
    pub page: Page,
}

impl Person {
    /// Someone called `name` in front of `page`.
    #[must_use]
    pub fn new(name: &str, page: Page) -> Self {
        Self {
            name: name.to_owned(),
            page,
        }
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When the page does not load.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.page.open(url).await
    }

    /// Types their name on the first screen and starts.
    ///
    /// # Errors
    /// When the screen does not come or does not lead on.
    pub async fn enter_name(&self) -> Result<()> {
        // The application may take over from the painted frame at any key: look again each time.
        wait::until_within("the name to be typed", wait::LONG_PATIENCE, async || {
            let Some(field) = self.page.look("textbox", "Your name").await? else {
                return Ok(None);
            };
            if self.page.value_of(&field).await? != self.name {
                self.page.empty(&field).await?;
                self.page.type_into(&field, &self.name).await?;
            }
            let Some(field) = self.page.look("textbox", "Your name").await? else {
                return Ok(None);
            };
            Ok((self.page.value_of(&field).await? == self.name).then_some(()))
        })
        .await?;
        self.page.click("button", "Start chatting").await?;
        self.page.gone("textbox", "Your name").await
    }

    /// Opens the page for the first time and gets in.
    ///
    /// # Errors
    /// When the first screen does not come or does not lead to the chats.
    pub async fn arrive(&self, url: &str) -> Result<()> {
        self.open(url).await?;
        self.enter_name().await?;
        self.is_home().await
    }

    /// Waits for the screen with the chats.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn is_home(&self) -> Result<()> {
        self.page
            .find("button", "Add contact")
            .await
            .map(drop)
            .with_context(|| format!("{} is not in", self.name))
    }

    /// Opens the chat with `friend` from the list.
    ///
    /// # Errors
    /// When the list has no such item or it opens no chat.
    pub async fn open_chat(&self, friend: &str) -> Result<()> {
        wait::until(&format!("the chat with {friend}"), async || {
            let Some(chats) = self.page.look("list", "Chats").await? else {
                return Ok(None);
            };
            let Some(item) = self.page.look_in(Some(&chats), "listitem", friend).await? else {
                return Ok(None);
            };
            self.page.press(&item).await.map(Some)
        })
        .await?;
        self.page.find("textbox", "Message").await.map(drop)
    }

    /// Opens the chat with `friend` unless it is open already: on a screen with one pane, its list
    /// is not to be seen then.
    ///
    /// # Errors
    /// When neither the chat nor the list comes.
    pub async fn to_chat(&self, friend: &str) -> Result<()> {
        let is_open = wait::until(
            &format!("the chat with {friend}, or the list"),
            async || {
                if self.page.look("textbox", "Message").await?.is_some() {
                    return Ok(Some(true));
                }
                Ok(self.page.look("list", "Chats").await?.map(|_| false))
            },
        )
        .await?;
        if is_open {
            Ok(())
        } else {
            self.open_chat(friend).await
        }
    }

    /// Writes `text` and presses Enter.
    ///
    /// # Errors
    /// When there is no composer, or it takes no text.
    pub async fn say(&self, text: &str) -> Result<()> {
        let composer = self.compose(text).await?;
        self.page.keys_into(&composer, typing::ENTER).await
    }

    /// Writes `text` without sending it; returns the composer.
    ///
    /// # Errors
    /// When there is no composer, or it takes no text.
    pub async fn compose(&self, text: &str) -> Result<fantoccini::elements::Element> {
        let composer = self.page.find("textbox", "Message").await?;
        self.page.type_into(&composer, text).await?;
        Ok(composer)
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn reload(&self) -> Result<()> {
        self.page.reload().await
    }

    /// Closes the tab; the browser stays, with an empty one.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn close_tab(&self) -> Result<()> {
        let client = &self.page.browser().client;
        let old = client.window().await?;
        let blank = client.new_window(true).await?.handle;
        client.switch_to_window(old).await?;
        client.close_window().await?;
        client.switch_to_window(blank).await?;
        Ok(())
    }

    /// Lets the browser's clipboard be read, as a person's paste would.
    ///
    /// # Errors
    /// When the page cannot read it.
    pub async fn clipboard(&self) -> Result<String> {
        let script = "const done = arguments[arguments.length - 1];
            navigator.clipboard.readText().then(done, error => done('unreadable: ' + error));";
        let text = self.page.run_async(script, json!([])).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }
}
