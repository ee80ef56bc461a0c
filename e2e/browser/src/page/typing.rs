//! Typing: key by key as a person, or at once as a paste.

use anyhow::{Result, ensure};
use fantoccini::elements::Element;
use serde_json::json;

use super::Page;
use crate::browser::{Kind, raw};

/// The Enter key (W3C WebDriver §17.4.2).
pub const ENTER: &str = "\u{E007}";
/// The Tab key.
pub const TAB: &str = "\u{E004}";
/// The Escape key.
pub const ESCAPE: &str = "\u{E00C}";
/// The Space key, as a key press rather than a character.
pub const SPACE: &str = "\u{E00D}";
/// The arrow down key.
pub const DOWN: &str = "\u{E015}";
/// The arrow up key.
pub const UP: &str = "\u{E013}";
/// The Shift key; in a row of keys it holds until it comes again.
pub const SHIFT: &str = "\u{E008}";

/// Longer texts are pasted: drivers need about a millisecond a key.
const TYPED_CHARS_MAX: usize = 300;

/// Replaces the selection by a text through the editing command that paste uses, so that the page
/// gets its ordinary `input` event.
const INSERT: &str =
    "arguments[0].focus(); return document.execCommand('insertText', false, arguments[1]);";

impl Page {
    /// Types `text` into `field`, after what is there.
    ///
    /// Texts that a driver cannot type (Chromium's refuses characters outside the basic
    /// multilingual plane) or that are long are pasted.
    ///
    /// # Errors
    /// When the field is gone or takes no text.
    pub async fn type_into(&self, field: &Element, text: &str) -> Result<()> {
        let beyond_driver =
            self.browser.kind() == Kind::Chromium && text.chars().any(|char| char > '\u{FFFF}');
        if beyond_driver || text.contains('\n') || text.chars().count() > TYPED_CHARS_MAX {
            self.paste_into(field, text).await
        } else {
            self.keys_into(field, text).await
        }
    }

    /// Puts `text` into `field` at once, after what is there.
    ///
    /// # Errors
    /// When the field is gone or takes no text.
    pub async fn paste_into(&self, field: &Element, text: &str) -> Result<()> {
        let done = self.run(INSERT, json!([field, text])).await?;
        ensure!(done == true || text.is_empty(), "the field took no text");
        Ok(())
    }

    /// Presses keys while `field` has the focus. Constants of this module name the special ones.
    ///
    /// # Errors
    /// When the field is gone.
    pub async fn keys_into(&self, field: &Element, keys: &str) -> Result<()> {
        let path = format!("element/{}/value", field.element_id().as_ref());
        raw::post(&self.browser.client, &path, json!({ "text": keys }))
            .await
            .map(drop)
    }

    /// Presses keys one after the other wherever the focus is; a Shift is held until it comes again.
    ///
    /// # Errors
    /// When the driver fails.
    pub async fn keys(&self, keys: &str) -> Result<()> {
        let mut shift_is_down = false;
        let mut actions = Vec::new();
        for key in keys.chars() {
            if SHIFT.starts_with(key) {
                actions.push(json!({ "type": if shift_is_down { "keyUp" } else { "keyDown" }, "value": key }));
                shift_is_down = !shift_is_down;
            } else {
                actions.push(json!({ "type": "keyDown", "value": key }));
                actions.push(json!({ "type": "keyUp", "value": key }));
            }
        }
        if shift_is_down {
            actions.push(json!({ "type": "keyUp", "value": SHIFT }));
        }
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        raw::post(&self.browser.client, "actions", body)
            .await
            .map(drop)
    }

    /// Empties a field as a person does: select all, delete.
    ///
    /// # Errors
    /// When the field is gone.
    pub async fn empty(&self, field: &Element) -> Result<()> {
        let script =
            "arguments[0].focus(); arguments[0].select(); return document.execCommand('delete');";
        self.run(script, json!([field])).await.map(drop)
    }
}
