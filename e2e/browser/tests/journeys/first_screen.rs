//! The first screen is there before the rest of the page.

use anyhow::{Context as _, Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::site::Site;
use e2e_browser::world::World;
use e2e_browser::{journey, settings, wait};
use serde_json::{Value, json};
use std::fs;

use crate::static_host::named_beside_the_page;

/// How the name of the second module begins.
const SECOND_MODULE: &str = "kith-second-";

async fn a_name_waits(world: &World, kind: Kind) -> Result<()> {
    let node = world.supernode().await?;
    let named = named_beside_the_page(&node).await?;
    let site = Site::serve(&settings::dist(), "", &[("kith.json", named.into_bytes())]).await?;
    site.hold(SECOND_MODULE);
    let ann = world.person("Ann", kind).await?;
    ann.open(&site.url()).await?;
    wait::until("the application to draw over the frame", async || {
        let script = "return document.documentElement.hasAttribute('data-shell')";
        Ok((ann.page.run(script, json!([])).await? == Value::Bool(false)).then_some(()))
    })
    .await?;
    let field = ann.page.find("textbox", "Your name").await?;
    ann.page.type_into(&field, "Ann").await?;
    ann.page.click("button", "Start chatting").await?;
    let busy = "return document.querySelector('form button').getAttribute('aria-busy')";
    wait::until("the button to say that it is busy", async || {
        Ok((ann.page.run(busy, json!([])).await? == json!("true")).then_some(()))
    })
    .await?;
    let field = ann
        .page
        .look("textbox", "Your name")
        .await?
        .context("the first screen stays")?;
    ensure!(
        ann.page.value_of(&field).await? == "Ann",
        "the name is kept"
    );
    site.release();
    ann.is_home().await?;
    // The second visit needs both modules from the start.
    site.hold(SECOND_MODULE);
    ann.reload().await?;
    ensure!(
        ann.page.look("textbox", "Your name").await?.is_none(),
        "nobody is asked twice"
    );
    site.release();
    ann.is_home().await
}

#[test]
fn a_name_waits_for_the_rest_of_the_page_in_chromium() {
    journey::run(
        "a_name_waits_for_the_rest_of_the_page_in_chromium",
        async |world| a_name_waits(world, Kind::Chromium).await,
    );
}

#[test]
fn a_name_waits_for_the_rest_of_the_page_in_firefox() {
    journey::run(
        "a_name_waits_for_the_rest_of_the_page_in_firefox",
        async |world| a_name_waits(world, Kind::Firefox).await,
    );
}

#[test]
fn a_page_whose_rest_is_missing_offers_to_reload() {
    journey::run(
        "a_page_whose_rest_is_missing_offers_to_reload",
        async |world| {
            let folder = world.folder().join("site");
            fs::create_dir(&folder)?;
            for entry in fs::read_dir(settings::dist())? {
                let entry = entry?;
                let is_second = entry
                    .file_name()
                    .to_string_lossy()
                    .starts_with(SECOND_MODULE);
                if entry.file_type()?.is_file() && !is_second {
                    fs::copy(entry.path(), folder.join(entry.file_name()))?;
                }
            }
            let site = Site::serve(&folder, "", &[]).await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            ann.open(&site.url()).await?;
            ann.page.find("button", "Reload").await.map(drop)
        },
    );
}
