//! Finding things on a page as a person with a screen reader does: by role and accessible name, as
//! the browser itself computes them.

mod roles;
pub mod typing;

use anyhow::{Context, Result, bail};
use fantoccini::elements::Element;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::browser::{Browser, raw};
use crate::wait;

/// The current tab of a browser.
#[derive(Clone)]
pub struct Page {
    browser: Arc<Browser>,
}

/// Lists what is visible below `root` and matches the selector; those that look as if they bore
/// the name come first, since asking the browser for a computed name is a round trip each.
const CANDIDATES: &str = r"
const [selector, name, root] = arguments;
const shown = element => !element.closest('[inert], [aria-hidden=true]')
    && element.checkVisibility({ visibilityProperty: true });
const looks = element => [
    element.getAttribute('aria-label'), element.getAttribute('alt'), element.textContent,
    ...(element.labels ? [...element.labels].map(label => label.textContent) : []),
].some(text => text && text.includes(name));
const found = [...(root ?? document).querySelectorAll(selector)].filter(shown);
return [...found.filter(looks), ...found.filter(element => !looks(element))];
";

impl Page {
    /// The current tab of `browser`.
    #[must_use]
    pub fn new(browser: Arc<Browser>) -> Self {
        Self { browser }
    }

    /// The browser that shows it.
    #[must_use]
    pub fn browser(&self) -> &Arc<Browser> {
        &self.browser
    }

    /// Opens an address and waits for its load event.
    ///
    /// # Errors
    /// When the browser cannot load it.
    pub async fn open(&self, url: &str) -> Result<()> {
        raw::post(&self.browser.client, "url", json!({ "url": url }))
            .await
            .map(drop)
            .with_context(|| format!("opening {url}"))
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// When the browser cannot.
    pub async fn reload(&self) -> Result<()> {
        raw::post(&self.browser.client, "refresh", json!({}))
            .await
            .map(drop)
    }

    /// Runs a script's body with `arguments`; returns what it returns.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn run(&self, script: &str, arguments: Value) -> Result<Value> {
        raw::post(
            &self.browser.client,
            "execute/sync",
            json!({ "script": script, "args": arguments }),
        )
        .await
    }

    /// Runs a script whose last argument is a callback, and waits for that.
    ///
    /// # Errors
    /// When the script throws or does not call back.
    pub async fn run_async(&self, script: &str, arguments: Value) -> Result<Value> {
        raw::post(
            &self.browser.client,
            "execute/async",
            json!({ "script": script, "args": arguments }),
        )
        .await
    }

    /// What is visible now with this role and accessible name, in document order.
    ///
    /// # Errors
    /// When the role is unknown to the harness or the driver fails.
    pub async fn look(&self, role: &str, name: &str) -> Result<Option<Element>> {
        self.look_in(None, role, name).await
    }

    /// The same, below `root`.
    ///
    /// # Errors
    /// When the role is unknown to the harness or the driver fails.
    pub async fn look_in(
        &self,
        root: Option<&Element>,
        role: &str,
        name: &str,
    ) -> Result<Option<Element>> {
        let Some(selector) = roles::selector(role) else {
            bail!("no selector for the role {role}")
        };
        let found = self.run(CANDIDATES, json!([selector, name, root])).await?;
        for candidate in found.as_array().into_iter().flatten() {
            let element = self.element(candidate)?;
            if self.name_of(&element).await? == name
                && roles::same(&self.role_of(&element).await?, role)
            {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// Waits until something with this role and name is visible.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn find(&self, role: &str, name: &str) -> Result<Element> {
        self.find_within(wait::PATIENCE, role, name).await
    }

    /// Waits at most `patience` until something with this role and name is visible.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn find_within(&self, patience: Duration, role: &str, name: &str) -> Result<Element> {
        wait::until_within(&format!("{role} `{name}`"), patience, async || {
            self.look(role, name).await
        })
        .await
    }

    /// Waits until nothing with this role and name is visible.
    ///
    /// # Errors
    /// When it does not go in time.
    pub async fn gone(&self, role: &str, name: &str) -> Result<()> {
        wait::until(&format!("{role} `{name}` to go"), async || {
            Ok(self.look(role, name).await?.is_none().then_some(()))
        })
        .await
    }

    /// Waits for something with this role and name and clicks its middle. Repeats while something
    /// else covers it, as a person would wait for an animation.
    ///
    /// # Errors
    /// When it does not appear, or stays covered.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        wait::until(&format!("{role} `{name}` to take a click"), async || {
            let Some(element) = self.look(role, name).await? else {
                return Ok(None);
            };
            self.press(&element).await.map(Some)
        })
        .await
    }

    /// Clicks the middle of `element`.
    ///
    /// # Errors
    /// When it is gone, invisible or covered.
    pub async fn press(&self, element: &Element) -> Result<()> {
        raw::post(
            &self.browser.client,
            &format!("element/{}/click", element.element_id().as_ref()),
            json!({}),
        )
        .await
        .map(drop)
    }

    /// Waits until `text` can be read somewhere on the page.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn reads(&self, text: &str) -> Result<()> {
        self.reads_within(wait::PATIENCE, text).await
    }

    /// Waits at most `patience` until `text` can be read somewhere on the page.
    ///
    /// # Errors
    /// When it does not appear in time.
    pub async fn reads_within(&self, patience: Duration, text: &str) -> Result<()> {
        wait::until_within(&format!("the words {text:?}"), patience, async || {
            Ok(self
                .text()
                .await?
                .to_lowercase()
                .contains(&text.to_lowercase())
                .then_some(()))
        })
        .await
    }

    /// All text a person can see on the page.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn text(&self) -> Result<String> {
        Ok(self
            .run("return document.body.innerText", json!([]))
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// The value of a text field.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn value_of(&self, field: &Element) -> Result<String> {
        let value = self
            .run(
                "return arguments[0].value ?? arguments[0].textContent",
                json!([field]),
            )
            .await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Every visible control and landmark with the role and name that the browser computed, a line
    /// each: what a failed search had to choose from.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn names(&self) -> Result<String> {
        let found = self
            .run(CANDIDATES, json!([roles::EVERY, "", null]))
            .await?;
        let mut lines = String::new();
        for candidate in found.as_array().into_iter().flatten() {
            let element = self.element(candidate)?;
            let (role, name) = (self.role_of(&element).await?, self.name_of(&element).await?);
            lines.push_str(&format!("{role} `{name}`\n"));
        }
        Ok(lines)
    }

    /// The accessible name the browser computed.
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn name_of(&self, element: &Element) -> Result<String> {
        self.computed(element, "computedlabel").await
    }

    /// The role the browser computed.
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn role_of(&self, element: &Element) -> Result<String> {
        self.computed(element, "computedrole").await
    }

    async fn computed(&self, element: &Element, what: &str) -> Result<String> {
        let answer = raw::get(
            &self.browser.client,
            &format!("element/{}/{what}", element.element_id().as_ref()),
        )
        .await?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// One element as a picture (PNG).
    ///
    /// # Errors
    /// When the element is gone.
    pub async fn picture_of(&self, element: &Element) -> Result<Vec<u8>> {
        Ok(element.screenshot().await?)
    }

    fn element(&self, reference: &Value) -> Result<Element> {
        let id = reference
            .as_object()
            .and_then(|map| map.values().next())
            .and_then(Value::as_str)
            .context("not an element")?;
        Ok(Element::from_element_id(
            self.browser.client.clone(),
            id.to_owned().into(),
        ))
    }
}
