//! The page comes from a plain static host, below some folder; a supernode is named beside it.

use anyhow::Result;
use e2e_browser::browser::Kind;
use e2e_browser::site::Site;
use e2e_browser::supernode::Supernode;
use e2e_browser::{http, journey, settings};
use serde_json::{Value, json};

use crate::friends::meet;

/// A `kith.json` for a page that lives elsewhere: the supernode's key as it tells it itself, and
/// where it is.
pub async fn named_beside_the_page(node: &Supernode) -> Result<String> {
    let own: Value =
        serde_json::from_slice(&http::get(node.address(), "/kith.json", &[]).await?.body)?;
    let route = format!("ws://localhost:{}/ws", node.address().port());
    let named =
        json!({ "supernodes": [{ "key": own["supernodes"][0]["key"], "routes": [route] }] });
    Ok(named.to_string())
}

#[test]
fn the_page_works_from_any_static_host_in_a_folder() {
    journey::run(
        "the_page_works_from_any_static_host_in_a_folder",
        async |world| {
            let node = world.supernode().await?;
            let named = named_beside_the_page(&node).await?;
            let site = Site::serve(
                &settings::dist(),
                "people/ann/kith",
                &[("kith.json", named.into_bytes())],
            )
            .await?;
            let ann = world.person("Ann", Kind::Chromium).await?;
            let ben = world.person("Ben", Kind::Firefox).await?;
            meet(&ann, &ben, &site.url()).await?;
            ann.say("from a static host").await?;
            ben.sees("from a static host").await?;
            ann.path_becomes(&["direct"]).await?;
            ben.reload().await?;
            ben.open_chat("Ann").await?;
            ben.sees("from a static host").await
        },
    );
}
