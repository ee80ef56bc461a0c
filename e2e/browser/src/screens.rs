//! Pictures of every screen, on a phone and a desktop, light and dark, with accessibility rules
//! checked on each.

use anyhow::{Result, ensure};
use serde_json::json;
use std::fs;

use crate::axe;
use crate::browser::{DESKTOP, PHONE, Screen};
use crate::person::Person;
use crate::world::World;

/// Every look a screen is kept in.
const LOOKS: [(&str, Screen, &str); 4] = [
    ("desktop", DESKTOP, "light"),
    ("desktop", DESKTOP, "dark"),
    ("phone", PHONE, "light"),
    ("phone", PHONE, "dark"),
];

/// Lets what is on its way be drawn: fonts, one frame, animations.
const SETTLE: &str = r"
const done = arguments[arguments.length - 1];
document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() =>
    Promise.allSettled(document.getAnimations().filter(animation => animation.effect?.getComputedTiming().endTime !== Infinity)
        .map(animation => animation.finished)).then(() => done(true)))));
";

/// By how many CSS pixels the page is wider than its window.
const OVERFLOW: &str = "return Math.max(0, document.scrollingElement.scrollWidth - innerWidth)";

/// What a few friends said, for pictures of a real chat; true for what the first one says.
pub const SMALL_TALK: &[(bool, &str)] = &[
    (true, "Are you coming to the lake on Saturday?"),
    (
        false,
        "Yes! I can bring the small tent and the good coffee.",
    ),
    (false, "Is Cleo in?"),
    (true, "She is. Her train gets in at ten."),
    (
        true,
        "We could meet at the boat house at half past and walk from there 🚣",
    ),
    (false, "Perfect. I will take care of breakfast 🥐"),
    (true, "You are the best."),
];

/// Collects pictures among a world's artefacts, and what breaks a rule.
pub struct Gallery<'a> {
    world: &'a World,
    wrong: Vec<String>,
}

impl<'a> Gallery<'a> {
    /// An empty gallery.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self {
            world,
            wrong: Vec::new(),
        }
    }

    /// Keeps what `person`, in Chromium, has in front of them, in every look, and checks each.
    ///
    /// # Errors
    /// When the browser fails. What breaks a rule is kept for [`Gallery::verify`].
    pub async fn keep(&mut self, person: &Person, name: &str) -> Result<()> {
        for (device, screen, theme) in LOOKS {
            dress(person, screen, theme).await?;
            let title = format!("{name}.{device}.{theme}");
            self.world.keep_picture(person, &title).await?;
            let overflow = person.page.run(OVERFLOW, json!([])).await?;
            if overflow != 0 {
                self.wrong
                    .push(format!("{title}: {overflow} px wider than the window"));
            }
            self.wrong.extend(
                axe::violations(&person.page)
                    .await?
                    .into_iter()
                    .map(|rule| format!("{title}: {rule}")),
            );
        }
        dress(person, DESKTOP, "light").await
    }

    /// Checks that nothing broke a rule.
    ///
    /// # Errors
    /// With all that did.
    pub fn verify(self) -> Result<()> {
        let _ = fs::write(self.world.artefact("rules.txt")?, self.wrong.join("\n"));
        ensure!(
            self.wrong.is_empty(),
            "{} rules broken:\n{}",
            self.wrong.len(),
            self.wrong.join("\n")
        );
        Ok(())
    }
}

/// Gives `person`, in Chromium, a screen and a color scheme, and waits until both are drawn.
///
/// # Errors
/// When the browser refuses.
pub async fn dress(person: &Person, screen: Screen, theme: &str) -> Result<()> {
    let browser = person.page.browser();
    let features = json!([
        { "name": "prefers-color-scheme", "value": theme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    browser
        .cdp(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .await?;
    browser.resize(screen).await?;
    person.page.run_async(SETTLE, json!([])).await.map(drop)
}

/// Has the small talk said, each line when the one before has arrived.
///
/// # Errors
/// When a line does not arrive.
pub async fn small_talk(first: &Person, second: &Person) -> Result<()> {
    for &(by_first, line) in SMALL_TALK {
        let (from, to) = if by_first {
            (first, second)
        } else {
            (second, first)
        };
        from.say(line).await?;
        to.sees(line).await?;
    }
    Ok(())
}
