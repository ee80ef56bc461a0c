//! `screenshots [--to FILE]`: takes the README's picture from a real conversation in real browsers.

use anyhow::Result;
use e2e_browser::bench::arguments::Arguments;
use e2e_browser::browser::{DESKTOP, Kind};
use e2e_browser::screens::{dress, small_talk};
use e2e_browser::settings;
use e2e_browser::world::World;
use std::fs;
use std::path::PathBuf;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::of_process(&["to"])?;
    let file = arguments.all("to").last().map_or_else(
        || settings::workspace().join("docs/screenshot.png"),
        PathBuf::from,
    );
    let world = World::new("screenshots")?;
    let node = world.supernode().await?;
    let ann = world.person("Ann", Kind::Chromium).await?;
    ann.arrive(&node.url()).await?;

    let ben = world.person("Ben", Kind::Chromium).await?;
    for (friend, name, line) in [
        (
            world.person("Cleo", Kind::Chromium).await?,
            "Cleo",
            "My train gets in at ten 🚆",
        ),
        (ben.clone(), "Ben", ""),
    ] {
        friend.accept(&ann.invite_link().await?, "Ann").await?;
        friend.open_chat("Ann").await?;
        ann.open_chat(name).await?;
        if !line.is_empty() {
            friend.say(line).await?;
            ann.sees(line).await?;
        }
    }
    small_talk(&ann, &ben).await?;
    ann.path_becomes(&["direct"]).await?;
    dress(&ann, DESKTOP, "light").await?;
    fs::write(&file, ann.page.browser().screenshot().await?)?;
    println!("{}", file.display());
    Ok(())
}
