//! What people type: any script, any length.

use anyhow::ensure;
use e2e_browser::journey;
use e2e_browser::page::typing::{ENTER, SHIFT};

use crate::friends::friends;

#[test]
fn any_script_arrives_as_typed() {
    journey::run("any_script_arrives_as_typed", async |world| {
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        let texts = [
            "Grüße, naïve café — “quotes” & <b>no tags</b>",
            "👋🏽 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
            "𝒜𝓃𝓃 𠮷野家 𐍈",
            "שלום, מה שלומך?",
            "مرحبا، كيف حالك؟ 42",
            "mixed עברית and English",
            "e\u{301} combining, zero\u{200d}width",
            "https://example.org/?q=<script>alert(1)</script>",
            "{{curly}} ${dollar} %s \\n 'quote'",
        ];
        for text in texts {
            ann.say(text).await?;
            ben.sees(text).await?;
        }
        for text in texts {
            ben.say(text).await?;
        }
        for text in texts {
            ann.sees(text).await?;
        }
        ensure!(
            ben.page
                .run(
                    "return document.querySelector('[role=log] b, [role=log] script')",
                    serde_json::json!([])
                )
                .await?
                .is_null()
        );
        Ok(())
    });
}

#[test]
fn shift_and_enter_break_the_line() {
    journey::run("shift_and_enter_break_the_line", async |world| {
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        let composer = ann.compose("first line").await?;
        ann.page
            .keys(&format!("{SHIFT}{ENTER}{SHIFT}second line{ENTER}"))
            .await?;
        ben.sees("first line\nsecond line").await?;
        ensure!(
            ann.page.value_of(&composer).await?.is_empty(),
            "the composer is not empty"
        );

        ann.page
            .keys_into(&composer, &format!("   {ENTER}{ENTER}"))
            .await?;
        ann.page.empty(&composer).await?;
        ann.compose("by the button").await?;
        ann.page.click("button", "Send").await?;
        ben.sees("by the button").await?;
        let count = "return document.querySelectorAll('[role=log] [data-from=them]').length";
        ensure!(
            ben.page.run(count, serde_json::json!([])).await? == 2,
            "an empty message was sent"
        );
        Ok(())
    });
}

/// Most bytes of UTF-8 that one message may have.
const TEXT_BYTES_MAX: usize = 16 * 1024;

#[test]
fn the_longest_message_arrives_and_a_longer_one_stays() {
    journey::run(
        "the_longest_message_arrives_and_a_longer_one_stays",
        async |world| {
            let node = world.supernode().await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            let longest = "kith and kin. ".repeat(TEXT_BYTES_MAX / 14 + 1)[..TEXT_BYTES_MAX - 1]
                .to_owned()
                + "!";
            ann.say(&longest).await?;
            ben.sees(&longest).await?;

            // One character of four bytes more than fits: bytes count, not characters.
            let clefs = "𝄞".repeat(TEXT_BYTES_MAX / 4);
            ben.say(&clefs).await?;
            ann.sees(&clefs).await?;
            let too_long = clefs + "!";
            let composer = ann.compose(&too_long).await?;
            ann.page.keys_into(&composer, ENTER).await?;
            ben.does_not_see(&too_long).await?;
            ensure!(
                ann.page.value_of(&composer).await? == too_long,
                "what was written is lost"
            );
            let words = "return [...document.querySelectorAll('[role=alert], [role=status], [aria-live]')].map(part => part.innerText).join(' ')";
            let said = ann
                .page
                .run(words, serde_json::json!([]))
                .await?
                .to_string();
            ensure!(
                said.contains("long") || said.contains("too "),
                "nobody says that it is too long: {said}"
            );

            ann.page.empty(&composer).await?;
            ann.say("shorter").await?;
            ben.sees("shorter").await
        },
    );
}
