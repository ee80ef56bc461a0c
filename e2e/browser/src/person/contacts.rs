//! Inviting and accepting.

use anyhow::{Result, ensure};

use super::Person;
use crate::page::typing;
use crate::{qr, wait};

impl Person {
    /// Opens the dialog `Add contact`, reads the invite link and closes the dialog.
    ///
    /// # Errors
    /// When the dialog does not come or holds no link.
    pub async fn invite_link(&self) -> Result<String> {
        self.open_add_contact().await?;
        let link = self.read_invite_link().await?;
        self.close_dialog("Add contact").await?;
        Ok(link)
    }

    /// Opens the dialog `Add contact`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn open_add_contact(&self) -> Result<()> {
        self.page.click("button", "Add contact").await?;
        self.page.find("dialog", "Add contact").await.map(drop)
    }

    /// Reads the invite link from the open dialog.
    ///
    /// # Errors
    /// When it holds none.
    pub async fn read_invite_link(&self) -> Result<String> {
        wait::until("an invite link", async || {
            let Some(field) = self.page.look("textbox", "Your invite link").await? else {
                return Ok(None);
            };
            let link = self.page.value_of(&field).await?;
            Ok(link.contains("#/i/").then_some(link))
        })
        .await
    }

    /// Scans the QR code in the open dialog.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    pub async fn scan_invite(&self) -> Result<String> {
        wait::until("a readable QR code", async || {
            let Some(code) = self.page.look("image", "Invite QR code").await? else {
                return Ok(None);
            };
            qr::read(&self.page.picture_of(&code).await?).map(Some)
        })
        .await
    }

    /// Presses Escape until the dialog called `name` is gone.
    ///
    /// # Errors
    /// When it stays.
    pub async fn close_dialog(&self, name: &str) -> Result<()> {
        self.page.keys(typing::ESCAPE).await?;
        self.page.gone("dialog", name).await
    }

    /// Answers the dialog `Connect with FRIEND?` with `Connect`.
    ///
    /// # Errors
    /// When the dialog does not come or does not go.
    pub async fn connect_with(&self, friend: &str) -> Result<()> {
        let question = format!("Connect with {friend}?");
        self.press_connect_in(&question).await?;
        self.page.gone("dialog", &question).await
    }

    /// Presses `Connect` in a dialog, as soon as it is there.
    async fn press_connect_in(&self, dialog: &str) -> Result<()> {
        wait::until(&format!("a working Connect in {dialog:?}"), async || {
            let Some(dialog) = self.page.look("dialog", dialog).await? else {
                return Ok(None);
            };
            let connect = self.page.look_in(Some(&dialog), "button", "Connect");
            match connect.await? {
                Some(button) => self.page.press(&button).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// Comes for the first time by an invite link: opens it, types a name, connects.
    ///
    /// # Errors
    /// When any of that does not work.
    pub async fn accept(&self, link: &str, friend: &str) -> Result<()> {
        self.open(link).await?;
        self.enter_name().await?;
        self.connect_with(friend).await?;
        self.has_chat(friend).await
    }

    /// Pastes an invite link into the dialog `Add contact` and presses its `Connect`. What comes
    /// next (a question, a chat, or words about what is wrong) is for the caller to see.
    ///
    /// # Errors
    /// When the dialog does not work.
    pub async fn paste_invite(&self, link: &str) -> Result<()> {
        if self.page.look("dialog", "Add contact").await?.is_none() {
            self.open_add_contact().await?;
        }
        let field = self.page.find("textbox", "Paste an invite link").await?;
        self.page.empty(&field).await?;
        self.page.paste_into(&field, link).await?;
        ensure!(
            !self.page.value_of(&field).await?.is_empty(),
            "the field stayed empty"
        );
        self.press_connect_in("Add contact").await
    }

    /// Waits until `friend` is among the chats, or their chat is open on a screen with one pane.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn has_chat(&self, friend: &str) -> Result<()> {
        wait::until_within(
            &format!("{} to have a chat with {friend}", self.name),
            wait::LONG_PATIENCE,
            async || {
                let Some(chats) = self.page.look("list", "Chats").await? else {
                    return Ok(None);
                };
                Ok(self
                    .page
                    .look_in(Some(&chats), "listitem", friend)
                    .await?
                    .map(drop))
            },
        )
        .await
    }
}
