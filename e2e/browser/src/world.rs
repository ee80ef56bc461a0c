//! What one journey owns: a folder, browsers, and the evidence it leaves behind.

use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;

use crate::browser::{Browser, Kind, Options};
use crate::page::Page;
use crate::person::Person;
use crate::settings;
use crate::supernode::Supernode;

/// Console lines that no journey may cause: a crashed page, or one that its own policy stops.
const NEVER_IN_CONSOLE: &[&str] = &[
    "panicked at",
    "RuntimeError",
    "Content Security Policy",
    "Content-Security-Policy",
];

/// The world of one journey. Dropping it ends every browser it started.
pub struct World {
    artefacts: PathBuf,
    folder: TempDir,
    browsers: Mutex<Vec<(String, Arc<Browser>)>>,
    provoked: Mutex<Vec<String>>,
}

impl World {
    /// A fresh world; evidence of journey `name` goes to a folder of that name.
    ///
    /// # Errors
    /// When no temporary folder can be made.
    pub fn new(name: &str) -> Result<Self> {
        let artefacts = settings::artefacts().join(name);
        if artefacts.exists() {
            fs::remove_dir_all(&artefacts)?;
        }
        let folder = tempfile::Builder::new().prefix("kith-journey-").tempdir()?;
        Ok(Self {
            artefacts,
            folder,
            browsers: Mutex::default(),
            provoked: Mutex::default(),
        })
    }

    /// A folder that goes with the world.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts a supernode.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn supernode(&self) -> Result<Supernode> {
        self.supernode_with(&[]).await
    }

    /// Starts a supernode with more flags.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn supernode_with(&self, flags: &[&str]) -> Result<Supernode> {
        Supernode::start(self.folder.path(), flags).await
    }

    /// Starts a browser for a person called `name`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn person(&self, name: &str, kind: Kind) -> Result<Person> {
        self.person_with(name, kind, &Options::default()).await
    }

    /// Starts a browser with options of its own for a person called `name`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn person_with(&self, name: &str, kind: Kind, options: &Options) -> Result<Person> {
        let browser = Arc::new(Browser::launch(kind, options).await?);
        self.browsers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name.to_owned(), Arc::clone(&browser)));
        Ok(Person::new(name, Page::new(browser)))
    }

    /// Forgets a person's browser; it ends when they are dropped too.
    pub fn dismiss(&self, person: &Person) {
        let browser = person.page.browser();
        self.browsers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(_, kept)| !Arc::ptr_eq(kept, browser));
    }

    /// Forgets all browsers; each ends when its person is dropped too.
    pub fn dismiss_all(&self) {
        self.browsers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Keeps a picture of what a person sees now, as `NAME.png` among the journey's artefacts.
    ///
    /// # Errors
    /// When the browser gives none or the file cannot be written.
    pub async fn keep_picture(&self, person: &Person, name: &str) -> Result<PathBuf> {
        let file = self.artefact(&format!("{name}.png"))?;
        fs::write(&file, person.page.browser().screenshot().await?)?;
        Ok(file)
    }

    /// Path of an artefact of this journey; its folder exists afterwards.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn artefact(&self, name: &str) -> Result<PathBuf> {
        fs::create_dir_all(&self.artefacts)?;
        Ok(self.artefacts.join(name))
    }

    /// Keeps all that helps to understand a failure: per person a screenshot, the document and the
    /// console; the supernode's log.
    pub async fn keep_evidence(&self, story: &str) {
        let _ = self.write("failure.txt", story.as_bytes());
        for (name, browser) in self.browsers() {
            if let Ok(picture) = browser.screenshot().await {
                let _ = self.write(&format!("{name}.png"), &picture);
            }
            if let Ok(document) = browser.client.source().await {
                let _ = self.write(&format!("{name}.html"), document.as_bytes());
            }
            if let Ok(names) = Page::new(Arc::clone(&browser)).names().await {
                let _ = self.write(&format!("{name}.names.txt"), names.as_bytes());
            }
            let _ = self.write(
                &format!("{name}.console.txt"),
                browser.console().await.join("\n").as_bytes(),
            );
            let _ = self.write(
                &format!("{name}.driver.txt"),
                browser.driver_log().as_bytes(),
            );
        }
        if let Ok(log) = fs::read(self.folder.path().join("supernode.log")) {
            let _ = self.write("supernode.log", &log);
        }
    }

    /// Says that this journey provokes console lines with `words`.
    pub fn provokes(&self, words: &str) {
        self.provoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(words.to_owned());
    }

    /// Checks that no page crashed or broke its own content security policy.
    ///
    /// # Errors
    /// With the offending console line.
    pub async fn verify_consoles(&self) -> Result<()> {
        let provoked = self
            .provoked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let is_bad = |line: &str| {
            NEVER_IN_CONSOLE.iter().any(|bad| line.contains(bad))
                && !provoked.iter().any(|words| line.contains(words))
        };
        for (name, browser) in self.browsers() {
            for line in browser.console().await {
                ensure!(!is_bad(&line), "{name}'s console: {line}");
            }
        }
        Ok(())
    }

    /// Where this journey's evidence goes.
    #[must_use]
    pub fn artefacts(&self) -> &Path {
        &self.artefacts
    }

    fn browsers(&self) -> Vec<(String, Arc<Browser>)> {
        self.browsers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(fs::write(self.artefact(name)?, bytes)?)
    }
}
