//! One of two is not there.

use anyhow::ensure;
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::person::State;
use e2e_browser::wait::LONG_PATIENCE;

use crate::friends::friends;

#[test]
fn messages_wait_for_someone_away() {
    journey::run("messages_wait_for_someone_away", async |world| {
        let node = world.supernode().await?;
        let (ann, ben) = friends(world, &node.url()).await?;
        ann.path_becomes(&["direct"]).await?;
        ben.close_tab().await?;

        let letters = ["one", "two", "three", "four", "five"];
        for letter in letters {
            ann.say(letter).await?;
        }
        for letter in letters {
            ann.reaches_within(LONG_PATIENCE, letter, &[State::Sent])
                .await?;
        }
        ann.path_becomes(&["supernode", "offline"]).await?;

        ben.open(&node.url()).await?;
        ben.open_chat("Ann").await?;
        for letter in letters {
            ben.sees_within(LONG_PATIENCE, letter).await?;
        }
        ensure!(ben.order_of(&letters).await? == letters, "out of order");
        for letter in letters {
            ann.reaches_within(LONG_PATIENCE, letter, &[State::Delivered, State::Read])
                .await?;
        }
        ann.path_becomes(&["direct"]).await?;
        ben.reload().await?;
        ben.open_chat("Ann").await?;
        ben.sees("five").await?;
        ensure!(
            ben.order_of(&letters).await? == letters,
            "not the same after a reload"
        );
        Ok(())
    });
}

#[test]
fn an_invite_is_accepted_while_its_owner_is_away() {
    journey::run(
        "an_invite_is_accepted_while_its_owner_is_away",
        async |world| {
            let node = world.supernode().await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            ann.arrive(&node.url()).await?;
            let link = ann.invite_link().await?;
            ann.close_tab().await?;

            let ben = world.person("Ben", Kind::Chromium).await?;
            ben.accept(&link, "Ann").await?;
            ben.open_chat("Ann").await?;
            ben.say("I have your link").await?;
            ben.reaches_within(
                LONG_PATIENCE,
                "I have your link",
                &[State::Queued, State::Sent],
            )
            .await?;

            ann.open(&node.url()).await?;
            ann.open_chat("Ben").await?;
            ann.sees_within(LONG_PATIENCE, "I have your link").await?;
            ann.say("So I see").await?;
            ben.sees_within(LONG_PATIENCE, "So I see").await
        },
    );
}

#[test]
fn first_words_are_read_though_the_two_were_never_there_together() {
    journey::run(
        "first_words_are_read_though_the_two_were_never_there_together",
        async |world| {
            let node = world.supernode().await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            ann.arrive(&node.url()).await?;
            // The link of before is taken back; the new one is given to Ben.
            let old = ann.invite_link().await?;
            ann.page.click("button", "Add contact").await?;
            ann.page.click("button", "Take this link back").await?;
            ann.page
                .reads("The old link no longer works. This one is new.")
                .await?;
            ann.page.click("button", "Close").await?;
            let link = ann.invite_link().await?;
            ensure!(link != old, "the same link again");
            ann.close_tab().await?;

            let ben = world.person("Ben", Kind::Firefox).await?;
            ben.accept(&link, "Ann").await?;
            ben.open_chat("Ann").await?;
            ben.say("You do not know me yet").await?;
            ben.reaches_within(LONG_PATIENCE, "You do not know me yet", &[State::Sent])
                .await?;
            ben.close_tab().await?;

            ann.open(&node.url()).await?;
            ann.open_chat("Ben").await?;
            ann.sees_within(LONG_PATIENCE, "You do not know me yet")
                .await?;
            ann.say("Now I do").await?;
            ann.reaches_within(LONG_PATIENCE, "Now I do", &[State::Sent])
                .await?;
            ann.close_tab().await?;

            ben.open(&node.url()).await?;
            ben.open_chat("Ann").await?;
            ben.sees_within(LONG_PATIENCE, "Now I do").await?;
            ben.reaches_within(
                LONG_PATIENCE,
                "You do not know me yet",
                &[State::Delivered, State::Read],
            )
            .await
        },
    );
}

#[test]
fn a_supernode_that_keeps_messages_for_a_day_says_so_to_the_sender() {
    journey::run(
        "a_supernode_that_keeps_messages_for_a_day_says_so_to_the_sender",
        async |world| {
            let node = world.supernode_with(&["--keep-hours-max", "24"]).await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            ben.close_tab().await?;
            ann.path_becomes(&["supernode"]).await?;
            ann.say("Until tomorrow").await?;
            ann.reaches("Until tomorrow", &[State::Sent]).await?;
            ann.page
                .click("button", "How messages travel to Ben")
                .await?;
            ann.page
                .reads("Up to 24 hours until Ben fetches it; then you are told")
                .await
        },
    );
}
