//! Two people in a chat, in two browsers or in two windows of one.

use anyhow::{Result, ensure};
use fantoccini::wd::WindowHandle;

use crate::bench::clock;
use crate::browser::Kind;
use crate::page::Page;
use crate::person::Person;
use crate::supernode::Supernode;
use crate::world::World;

/// Ann and Ben, connected directly, each with the other's chat open.
pub struct Pair {
    ann: Person,
    ben: Person,
    windows: Option<[WindowHandle; 2]>,
}

impl Pair {
    /// Two Chromium processes.
    ///
    /// # Errors
    /// When the two do not get to talk directly.
    pub async fn in_two_browsers(world: &World, node: &Supernode) -> Result<Self> {
        let ann = world.person("Ann", Kind::Chromium).await?;
        let ben = world.person("Ben", Kind::Chromium).await?;
        let pair = Self {
            ann,
            ben,
            windows: None,
        };
        pair.meet(&node.url(), |link| link).await?;
        Ok(pair)
    }

    /// Two windows of one Chromium. Two names of the loopback are two origins, hence two people.
    ///
    /// # Errors
    /// When the two do not get to talk directly.
    pub async fn in_one_browser(world: &World, node: &Supernode) -> Result<Self> {
        let ann = world.person("Ann", Kind::Chromium).await?;
        let client = &ann.page.browser().client;
        let first = client.window().await?;
        let second = client.new_window(false).await?.handle;
        let ben = Person::new("Ben", ann.page.clone());
        let pair = Self {
            ann,
            ben,
            windows: Some([first, second]),
        };
        pair.meet(&node.url(), |link| {
            link.replacen("localhost", "127.0.0.1", 1)
        })
        .await?;
        Ok(pair)
    }

    /// Ann, with her window in front.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn ann(&self) -> Result<&Person> {
        self.turn_to(0).await?;
        Ok(&self.ann)
    }

    /// Ben, with his window in front.
    ///
    /// # Errors
    /// When the window is gone.
    pub async fn ben(&self) -> Result<&Person> {
        self.turn_to(1).await?;
        Ok(&self.ben)
    }

    /// Both pages, when each can be used without turning to it.
    #[must_use]
    pub fn pages(&self) -> Option<(&Page, &Page)> {
        self.windows
            .is_none()
            .then_some((&self.ann.page, &self.ben.page))
    }

    async fn turn_to(&self, index: usize) -> Result<()> {
        if let Some(windows) = &self.windows {
            self.ann
                .page
                .browser()
                .client
                .switch_to_window(windows[index].clone())
                .await?;
        }
        Ok(())
    }

    async fn meet(&self, url: &str, address: impl Fn(String) -> String) -> Result<()> {
        self.ann().await?.arrive(url).await?;
        let link = address(self.ann.invite_link().await?);
        self.ben().await?.accept(&link, "Ann").await?;
        self.ben.open_chat("Ann").await?;
        self.ann().await?.has_chat("Ben").await?;
        self.ann.open_chat("Ben").await?;
        self.ann.path_becomes(&["direct"]).await?;
        self.ben().await?.path_becomes(&["direct"]).await?;
        clock::set_up(&self.ben.page).await?;
        clock::set_up(&self.ann().await?.page).await?;
        ensure!(self.ann.path().await? == "direct");
        Ok(())
    }
}
