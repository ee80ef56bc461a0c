//! Strangers who come by a public address: they ask, and the owner decides.

use anyhow::{Result, ensure};
use e2e_browser::browser::Kind;
use e2e_browser::journey;
use e2e_browser::page::typing::{ENTER, SPACE};
use e2e_browser::person::{Person, State};
use e2e_browser::screens::Gallery;
use e2e_browser::wait;
use e2e_browser::world::World;

use crate::keyboard::{has_focus, tab_to};
use crate::screens::open_section;

const SWITCH: &str = "Let strangers ask";
const ONE_ASKS: &str = "Requests 1 person asks to be let in";
const WAITS: &str = "Your request is at Ann’s supernode. It waits until Ann accepts.";

/// Ann arrives and opens her public address, by keyboard. The link.
async fn with_public_address(world: &World, url: &str) -> Result<(Person, String)> {
    let ann = world.person("Ann", Kind::Chromium).await?;
    ann.arrive(url).await?;
    let link = open_address(&ann).await?;
    Ok((ann, link))
}

/// Opens their public address, by keyboard. The link.
async fn open_address(person: &Person) -> Result<String> {
    let page = &person.page;
    page.click("button", "Settings").await?;
    open_section(person, "Privacy").await?;
    page.find("switch", SWITCH).await?;
    tab_to(person, "switch", SWITCH).await?;
    page.keys(SPACE).await?;
    page.reads("All your supernodes take requests.").await?;
    let field = page.find("textbox", "Your public address").await?;
    page.value_of(&field).await
}

/// Opens the link for the first time, and asks.
async fn ask(person: &Person, link: &str, words: &str) -> Result<()> {
    person.open(link).await?;
    person.enter_name().await?;
    person.page.find("dialog", "Ask Ann?").await?;
    let field = person.page.find("textbox", "First words to Ann").await?;
    person.page.type_into(&field, words).await?;
    person.page.click("button", "Ask").await?;
    person.page.gone("dialog", "Ask Ann?").await
}

/// Opens the requests, by keyboard.
async fn open_requests(ann: &Person) -> Result<()> {
    let patience = wait::LONG_PATIENCE;
    ann.page.find_within(patience, "link", ONE_ASKS).await?;
    tab_to(ann, "link", ONE_ASKS).await?;
    ann.page.keys(ENTER).await?;
    ann.page.find("list", "Requests").await.map(drop)
}

#[test]
fn a_stranger_asks_and_is_let_in() {
    journey::run("a_stranger_asks_and_is_let_in", async |world| {
        let mut gallery = Gallery::new(world);
        let node = world.supernode().await?;
        let (ann, link) = with_public_address(world, &node.url()).await?;
        gallery.keep(&ann, "8-public-address").await?;

        let ben = world.person("Ben", Kind::Chromium).await?;
        ben.open(&link).await?;
        ben.enter_name().await?;
        ben.page.find("dialog", "Ask Ann?").await?;
        gallery.keep(&ben, "6-ask").await?;
        tab_to(&ben, "textbox", "First words to Ann").await?;
        ben.page.keys("I liked your book").await?;
        tab_to(&ben, "button", "Ask").await?;
        ben.page.keys(ENTER).await?;
        ben.page.gone("dialog", "Ask Ann?").await?;
        ben.page.reads_within(wait::LONG_PATIENCE, WAITS).await?;
        ensure!(
            ben.state_of("I liked your book").await? == Some(State::Queued),
            "the first words are said to have gone on"
        );
        gallery.keep(&ben, "4-asked").await?;

        // It outlives both pages, and nobody is told anything.
        ann.reload().await?;
        ben.reload().await?;
        ben.page.reads_within(wait::LONG_PATIENCE, WAITS).await?;
        ann.page.click("button", "Close").await?;
        open_requests(&ann).await?;
        ann.page.reads("I liked your book").await?;
        gallery.keep(&ann, "3-requests").await?;
        ensure!(ben.path().await? == "supernode", "there is a channel");

        tab_to(&ann, "button", "Accept Ben").await?;
        ann.page.keys(ENTER).await?;
        ann.sees("I liked your book").await?;
        ann.page.gone("link", ONE_ASKS).await?;
        ben.reaches("I liked your book", &[State::Delivered, State::Read])
            .await?;
        ann.say("thank you").await?;
        ben.sees("thank you").await?;
        ben.say("is there another?").await?;
        ann.sees("is there another?").await?;
        ann.path_becomes(&["direct"]).await?;
        let said = ["I liked your book", "thank you", "is there another?"];
        for person in [&ann, &ben] {
            ensure!(
                person.order_of(&said).await? == said,
                "{} sees another order, or something twice",
                person.name
            );
        }
        ensure!(
            !ben.page.text().await?.contains(WAITS),
            "it still says that it waits"
        );
        gallery.verify()
    });
}

#[test]
fn a_stranger_is_declined_and_nobody_asks_once_it_is_closed() {
    journey::run(
        "a_stranger_is_declined_and_nobody_asks_once_it_is_closed",
        async |world| {
            let mut gallery = Gallery::new(world);
            let node = world.supernode().await?;
            let (ann, link) = with_public_address(world, &node.url()).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            ask(&ben, &link, "buy my book").await?;
            ben.page.reads_within(wait::LONG_PATIENCE, WAITS).await?;

            ann.page.click("button", "Close").await?;
            open_requests(&ann).await?;
            tab_to(&ann, "button", "Decline Ben").await?;
            ann.page.keys(ENTER).await?;
            ann.page.gone("list", "Requests").await?;
            ensure!(
                has_focus(&ann, "heading", "Requests").await?,
                "the focus is lost with the request"
            );
            ann.page
                .reads("Nobody asks to be let in right now.")
                .await?;
            gallery.keep(&ann, "3-requests-none").await?;
            ben.page.reads(WAITS).await?;

            tab_to(&ann, "button", "Public address").await?;
            ann.page.keys(ENTER).await?;
            ann.page.find("switch", SWITCH).await?;
            tab_to(&ann, "switch", SWITCH).await?;
            ann.page.keys(SPACE).await?;
            ann.page
                .reads("Closed. Your supernodes take no more")
                .await?;
            ann.page.gone("textbox", "Your public address").await?;

            let cleo = world.person("Cleo", Kind::Chromium).await?;
            ask(&cleo, &link, "hello").await?;
            let refused = "Ann takes no requests right now.";
            cleo.page.reads_within(wait::LONG_PATIENCE, refused).await?;
            gallery.keep(&cleo, "4-not-taken").await?;
            ann.page.gone("link", ONE_ASKS).await?;
            gallery.verify()
        },
    );
}

#[test]
fn whoever_would_ask_somebody_who_asks_is_shown_their_request() {
    journey::run(
        "whoever_would_ask_somebody_who_asks_is_shown_their_request",
        async |world| {
            const TITLE: &str = "Ben is waiting for your answer";
            let mut gallery = Gallery::new(world);
            let node = world.supernode().await?;
            let (ann, link) = with_public_address(world, &node.url()).await?;
            let ben = world.person("Ben", Kind::Chromium).await?;
            ask(&ben, &link, "have you seen my cat?").await?;
            ben.page.reads_within(wait::LONG_PATIENCE, WAITS).await?;
            let bens = open_address(&ben).await?;
            ann.page.click("button", "Close").await?;
            let patience = wait::LONG_PATIENCE;
            ann.page.find_within(patience, "link", ONE_ASKS).await?;

            // Not now: nothing has changed.
            ann.open(&bens).await?;
            ann.page.find_within(patience, "dialog", TITLE).await?;
            gallery.keep(&ann, "6-ask-waits").await?;
            tab_to(&ann, "button", "Not now").await?;
            ann.page.keys(ENTER).await?;
            ann.page.gone("dialog", TITLE).await?;
            ann.page.find("link", ONE_ASKS).await?;

            ann.open(&bens).await?;
            ann.page.find_within(patience, "dialog", TITLE).await?;
            tab_to(&ann, "button", "See the request").await?;
            ann.page.keys(ENTER).await?;
            ann.page.gone("dialog", TITLE).await?;
            ann.page.reads("have you seen my cat?").await?;
            tab_to(&ann, "button", "Accept Ben").await?;
            ann.page.keys(ENTER).await?;
            ann.sees("have you seen my cat?").await?;
            gallery.verify()
        },
    );
}
