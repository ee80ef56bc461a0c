//! Invites that cannot be used: words to act on, and nothing lost.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::page::typing::ESCAPE;
use e2e_browser::person::Person;
use e2e_browser::wait;
use e2e_browser::world::World;
use serde_json::json;

use crate::words::REFUSED;

/// Bytes of the checksum at the end of an invite.
const CHECKSUM_LEN: usize = 4;

/// What is hashed before an invite's bytes for its checksum.
const PURPOSE: &[u8] = b"kith/invite v1\0";

/// What the page says is wrong now; waits for it.
async fn complaint(person: &Person) -> Result<String> {
    let script = "return [...document.querySelectorAll('[role=alert], [role=alertdialog], [aria-live=assertive]')]
        .filter(element => element.checkVisibility({ visibilityProperty: true })).map(element => element.innerText.trim()).join('\\n')";
    wait::until("words about what is wrong", async || {
        let words = person
            .page
            .run(script, json!([]))
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok((!words.is_empty()).then_some(words))
    })
    .await
}

fn code_of(link: &str) -> Result<&str> {
    Ok(link.split_once("#/i/").context("no invite in the link")?.1)
}

/// The same invite, said to be of format `format`, with a matching checksum.
async fn of_format(person: &Person, link: &str, format: u8) -> Result<String> {
    let mut bytes = URL_SAFE_NO_PAD.decode(code_of(link)?)?;
    bytes.truncate(bytes.len() - CHECKSUM_LEN);
    bytes[0] = format;
    let hashed = [PURPOSE, &bytes[..]].concat();
    let digest = "const [bytes, done] = arguments;
        crypto.subtle.digest('SHA-256', new Uint8Array(bytes)).then(digest => done([...new Uint8Array(digest)]));";
    let digest: Vec<u8> =
        serde_json::from_value(person.page.run_async(digest, json!([hashed])).await?)?;
    bytes.extend(&digest[..CHECKSUM_LEN]);
    Ok(link.replace(code_of(link)?, &URL_SAFE_NO_PAD.encode(bytes)))
}

fn damaged(link: &str) -> Result<String> {
    let code = code_of(link)?;
    let middle = code.len() / 2;
    let other = if &code[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    Ok(link.replace(
        code,
        &format!("{}{other}{}", &code[..middle], &code[middle + 1..]),
    ))
}

/// Ann, and her invite.
async fn inviting(world: &World, url: &str) -> Result<(Person, String)> {
    let ann = world.person("Ann", Kind::Chromium).await?;
    ann.arrive(url).await?;
    let link = ann.invite_link().await?;
    Ok((ann, link))
}

#[test]
fn an_invite_that_cannot_be_used_is_explained() {
    journey::run(
        "an_invite_that_cannot_be_used_is_explained",
        async |world| {
            let node = world.supernode().await?;
            let (ann, link) = inviting(world, &node.url()).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            ben.arrive(&node.url()).await?;

            let bad = [
                ("damaged", damaged(&link)?),
                ("cut short", link[..link.len() - 9].to_owned()),
                ("foreign", "https://example.org/join/abcdef".to_owned()),
                ("no link", "see you tomorrow".to_owned()),
                ("too long", format!("{link}{}", "A".repeat(100_000))),
                ("too new", of_format(&ann, &link, 2).await?),
                ("own", ben.invite_link().await?),
            ];
            let mut heard = Vec::new();
            for (what, text) in &bad {
                ben.paste_invite(text)
                    .await
                    .with_context(|| format!("pasting one {what}"))?;
                heard.push((
                    what,
                    complaint(&ben)
                        .await
                        .with_context(|| format!("having pasted one {what}"))?,
                ));
                let field = ben.page.find("textbox", "Paste an invite link").await?;
                ensure!(
                    !ben.page.value_of(&field).await?.is_empty(),
                    "{what}: what was pasted is lost"
                );
                ben.close_dialog("Add contact").await?;
            }
            let said = |wanted: &str| {
                heard
                    .iter()
                    .find(|(what, _)| **what == wanted)
                    .map(|(_, words)| words.as_str())
            };
            ensure!(
                said("too new") != said("damaged") && said("own") != said("foreign"),
                "all sound the same: {heard:?}"
            );

            // The dialog still takes a good one.
            ben.paste_invite(&link).await?;
            ben.connect_with("Ann").await?;
            ben.has_chat("Ann").await?;
            ann.has_chat("Ben").await
        },
    );
}

#[test]
fn a_bad_invite_opened_as_a_link_leaves_a_working_page() {
    journey::run(
        "a_bad_invite_opened_as_a_link_leaves_a_working_page",
        async |world| {
            let node = world.supernode().await?;
            let (ann, link) = inviting(world, &node.url()).await?;

            let ben = world.person("Ben", Kind::Chromium).await?;
            for (what, text) in [
                ("damaged", damaged(&link)?),
                ("too new", of_format(&ann, &link, 200).await?),
                ("empty", format!("{}#/i/", node.url())),
            ] {
                ben.open("about:blank").await?;
                ben.open(&text).await?;
                if what == "damaged" {
                    ben.enter_name().await?;
                }
                ben.page
                    .find("dialog", REFUSED)
                    .await
                    .with_context(|| format!("having opened one {what}"))?;
                ben.page.keys(ESCAPE).await?;
                ben.page.gone("dialog", REFUSED).await?;
                ben.is_home().await?;
            }
            ann.open(&link).await?;
            ann.page
                .find("dialog", REFUSED)
                .await
                .context("having opened her own")?;
            ann.page.keys(ESCAPE).await?;
            ann.is_home().await
        },
    );
}

#[test]
fn an_expired_invite_is_explained() {
    journey::run("an_expired_invite_is_explained", async |world| {
        let node = world.supernode().await?;
        let ann = world.person("Ann", Kind::Chromium).await?;
        ann.arrive(&node.url()).await?;
        let link = ann.invite_link().await?;

        let ben = world.person("Ben", Kind::Chromium).await?;
        let ten_years_on =
            "const now = Date.now; Date.now = () => now() + 10 * 365 * 86400 * 1000;";
        ben.page.browser().run_before_pages(ten_years_on).await?;
        ben.arrive(&node.url()).await?;
        ben.paste_invite(&link).await?;
        complaint(&ben).await.map(drop)
    });
}
