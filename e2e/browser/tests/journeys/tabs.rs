//! The same person in two tabs.

use anyhow::Result;
use anyhow::ensure;
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::world::World;

use crate::friends::friends_with;
use crate::words::USE_HERE;

async fn a_second_tab_waits(world: &World, kind: Kind) -> Result<()> {
    let node = world.supernode().await?;
    let (ann, ben) = friends_with(
        world,
        &node.url(),
        [kind, Kind::Chromium],
        &Default::default(),
    )
    .await?;
    let client = &ann.page.browser().client;
    let first = client.window().await?;
    let second = ann.page.browser().new_tab().await?;
    ann.open(&node.url()).await?;
    ann.page.find("button", USE_HERE).await?;
    ensure!(
        ann.page.look("button", "Add contact").await?.is_none(),
        "both tabs act"
    );

    // The first one goes on meanwhile.
    client.switch_to_window(first.clone()).await?;
    ann.say("from the first tab").await?;
    ben.sees("from the first tab").await?;

    client.switch_to_window(second).await?;
    ann.page.click("button", USE_HERE).await?;
    ann.open_chat("Ben").await?;
    ann.sees_own("from the first tab").await?;
    ann.say("from the second tab").await?;
    ben.sees("from the second tab").await?;
    client.switch_to_window(first).await?;
    ann.page.find("button", USE_HERE).await?;

    // Back again, and nothing is lost or twice.
    ann.page.click("button", USE_HERE).await?;
    ann.open_chat("Ben").await?;
    ben.say("I see all of it").await?;
    ann.sees("I see all of it").await?;
    let story = [
        "from the first tab",
        "from the second tab",
        "I see all of it",
    ];
    ensure!(ann.order_of(&story).await? == story);
    ensure!(ben.order_of(&story).await? == story);
    Ok(())
}

#[test]
fn a_second_tab_waits_and_can_take_over() {
    journey::run("a_second_tab_waits_and_can_take_over", async |world| {
        a_second_tab_waits(world, Kind::Chromium).await
    });
}

#[test]
fn a_second_tab_waits_and_can_take_over_in_firefox() {
    journey::run(
        "a_second_tab_waits_and_can_take_over_in_firefox",
        async |world| a_second_tab_waits(world, Kind::Firefox).await,
    );
}
