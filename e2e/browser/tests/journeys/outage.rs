//! The supernode goes away and comes back.

use anyhow::ensure;
use e2e_browser::journey;
use e2e_browser::person::State;
use e2e_browser::wait::LONG_PATIENCE;

use crate::friends::friends;

#[test]
fn people_reconnect_by_themselves_after_the_supernode_was_killed() {
    journey::run(
        "people_reconnect_by_themselves_after_the_supernode_was_killed",
        async |world| {
            let mut node = world.supernode().await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            ann.say("before").await?;
            ben.sees("before").await?;

            node.kill();
            node.resume().await?;
            // What Ann writes to somebody away can only wait at the supernode: she is back there.
            ben.close_tab().await?;
            ann.say("while Ben is away").await?;
            ann.reaches_within(LONG_PATIENCE, "while Ben is away", &[State::Sent])
                .await?;
            ben.open(&node.url()).await?;
            ben.open_chat("Ann").await?;
            ben.sees_within(LONG_PATIENCE, "while Ben is away").await?;
            ben.say("after").await?;
            ann.sees_within(LONG_PATIENCE, "after").await?;
            ann.path_becomes(&["direct"]).await?;
            ann.reaches_within(LONG_PATIENCE, "while Ben is away", &[State::Read])
                .await?;
            ensure!(node.is_running());
            Ok(())
        },
    );
}

#[test]
fn people_chat_on_while_the_supernode_is_down() {
    journey::run(
        "people_chat_on_while_the_supernode_is_down",
        async |world| {
            let mut node = world.supernode().await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            ann.path_becomes(&["direct"]).await?;
            ben.path_becomes(&["direct"]).await?;

            node.stop().await?;
            ann.say("can you read this?").await?;
            ben.sees("can you read this?").await?;
            ben.say("every word").await?;
            ann.sees("every word").await?;
            ann.reaches("can you read this?", &[State::Delivered, State::Read])
                .await?;

            node.resume().await?;
            ann.say("and now").await?;
            ben.sees("and now").await?;
            let story = ["can you read this?", "every word", "and now"];
            for person in [&ann, &ben] {
                person.reload().await?;
            }
            ann.open_chat("Ben").await?;
            ben.open_chat("Ann").await?;
            for person in [&ann, &ben] {
                e2e_browser::wait::until("the whole story, once", async || {
                    Ok((person.order_of(&story).await? == story).then_some(()))
                })
                .await?;
            }
            ben.say("as before").await?;
            ann.sees_within(LONG_PATIENCE, "as before").await
        },
    );
}

#[test]
fn what_is_written_while_all_is_down_arrives_later() {
    journey::run(
        "what_is_written_while_all_is_down_arrives_later",
        async |world| {
            let mut node = world.supernode().await?;
            let (ann, ben) = friends(world, &node.url()).await?;
            ben.close_tab().await?;
            node.kill();
            ann.path_becomes(&["offline"]).await?;
            ann.say("for later").await?;
            ann.reaches("for later", &[State::Queued]).await?;

            node.resume().await?;
            ann.reaches_within(LONG_PATIENCE, "for later", &[State::Sent])
                .await?;
            ben.open(&node.url()).await?;
            ben.open_chat("Ann").await?;
            ben.sees_within(LONG_PATIENCE, "for later").await?;
            ann.reaches_within(LONG_PATIENCE, "for later", &[State::Delivered, State::Read])
                .await
        },
    );
}
