//! Bringing two people together, for stories that start after that.

use anyhow::Result;
use e2e_browser::browser::{Kind, Options};
use e2e_browser::person::Person;
use e2e_browser::world::World;

/// Ann and Ben in two Chromiums, connected, each with the other's chat open.
pub async fn friends(world: &World, url: &str) -> Result<(Person, Person)> {
    friends_with(world, url, [Kind::Chromium; 2], &Options::default()).await
}

/// The same in browsers of these kinds, Ann's with these options.
pub async fn friends_with(
    world: &World,
    url: &str,
    [ann_uses, ben_uses]: [Kind; 2],
    options: &Options,
) -> Result<(Person, Person)> {
    let ann = world.person_with("Ann", ann_uses, options).await?;
    let ben = world.person("Ben", ben_uses).await?;
    meet(&ann, &ben, url).await?;
    Ok((ann, ben))
}

/// Ann arrives and invites Ben; both open their chat.
pub async fn meet(ann: &Person, ben: &Person, url: &str) -> Result<()> {
    ann.arrive(url).await?;
    let link = ann.invite_link().await?;
    ben.accept(&link, &ann.name).await?;
    ann.has_chat(&ben.name).await?;
    ann.open_chat(&ben.name).await?;
    ben.open_chat(&ann.name).await
}
