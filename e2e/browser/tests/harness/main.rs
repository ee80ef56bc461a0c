//! The harness tries itself on a small page of its own, in both browsers, without the product.

use anyhow::{Result, ensure};
use e2e_browser::bench::first_load::{Condition, Measures};
use e2e_browser::bench::{clock, raw_channel};
use e2e_browser::browser::{DESKTOP, Kind, PHONE};
use e2e_browser::page::typing::{ENTER, SHIFT};
use e2e_browser::person::{Person, State};
use e2e_browser::process::Process;
use e2e_browser::site::Site;
use e2e_browser::world::World;
use e2e_browser::{axe, journey, qr};
use serde_json::json;
use std::path::Path;

async fn site_of_its_own() -> Result<Site> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/harness/page");
    Site::serve(&folder, "some/folder", &[]).await
}

async fn page_of_its_own(world: &World, kind: Kind) -> Result<(Site, Person)> {
    let site = site_of_its_own().await?;
    let ann = world.person("Ann", kind).await?;
    Ok((site, ann))
}

async fn acts_and_reads(world: &World, kind: Kind) -> Result<()> {
    let (site, ann) = page_of_its_own(world, kind).await?;
    ann.arrive(&site.url()).await?;
    ann.open_chat("Ben").await?;
    ann.path_becomes(&["direct"]).await?;
    for text in ["hi", "two\nlines", "𝒜 🧑‍🚒 שלום 你好", &"long ".repeat(2000)] {
        ann.say(text).await?;
        ann.sees_own(text).await?;
        ann.sees(text).await?;
        ann.reaches(text, &[State::Read]).await?;
    }
    ensure!(ann.order_of(&["hi", "two\nlines"]).await? == ["hi", "hi", "two\nlines", "two\nlines"]);
    ann.does_not_see("h").await?;

    let composer = ann.compose("one").await?;
    ann.page.keys(&format!("{SHIFT}{ENTER}{SHIFT}two")).await?;
    ensure!(
        ann.page.value_of(&composer).await? == "one\ntwo",
        "Shift and Enter break the line"
    );
    ann.page.empty(&composer).await?;
    ensure!(ann.page.value_of(&composer).await?.is_empty());

    ensure!(ann.scan_invite().await? == "https://example.org/kith/#/i/AbC_-123");
    ensure!(
        ann.page.look("button", "Start chatting").await?.is_none(),
        "what is hidden is not found"
    );
    ensure!(
        ann.page
            .browser()
            .console()
            .await
            .iter()
            .any(|line| line.contains("the page has started"))
    );
    ensure!(axe::violations(&ann.page).await?.is_empty());
    Ok(())
}

#[test]
fn chromium_acts_and_reads() {
    journey::run("harness_chromium", async |world| {
        acts_and_reads(world, Kind::Chromium).await
    });
}

#[test]
fn firefox_acts_and_reads() {
    journey::run("harness_firefox", async |world| {
        acts_and_reads(world, Kind::Firefox).await
    });
}

#[test]
fn both_prepare_pages_and_sizes() {
    journey::run("harness_prepares", async |world| {
        for kind in [Kind::Chromium, Kind::Firefox] {
            let (site, ann) = page_of_its_own(world, kind).await?;
            ann.page
                .browser()
                .run_before_pages("window.madeBefore = 'relayed'")
                .await?;
            ann.arrive(&site.url()).await?;
            ann.path_becomes(&["relayed"]).await?;
            for screen in [PHONE, DESKTOP] {
                ann.page.browser().resize(screen).await?;
                ensure!(
                    ann.page
                        .run("return [innerWidth, innerHeight]", json!([]))
                        .await?
                        == json!([screen.width, screen.height])
                );
            }
            ann.close_tab().await?;
            ann.open(&site.url()).await?;
            ann.page.find("textbox", "Your name").await?;
        }
        Ok(())
    });
}

/// Two browsers of one machine reach each other by WebRTC, and their clocks agree.
async fn channel(world: &World, [ann_uses, ben_uses]: [Kind; 2]) -> Result<()> {
    let (site, ann) = page_of_its_own(world, ann_uses).await?;
    let ben = world.person("Ben", ben_uses).await?;
    for person in [&ann, &ben] {
        person.open(&site.url()).await?;
        clock::set_up(&person.page).await?;
    }
    raw_channel::open(&ann.page, &ben.page).await?;
    let times = raw_channel::round_trips(&ann.page, 256, 20).await?;
    ensure!(times.len() == 20, "only {} of 20 came back", times.len());

    let read = "return [Date.now(), kithBenchNow()]";
    for person in [&ann, &ben] {
        let [wall, now]: [f64; 2] =
            serde_json::from_value(person.page.run(read, json!([])).await?)?;
        ensure!(
            (now - wall).abs() < 5.0,
            "{}'s clock is {} ms off",
            person.name,
            now - wall
        );
    }
    Ok(())
}

#[test]
fn chromium_reaches_chromium() {
    journey::run("harness_channel_chromium", async |world| {
        channel(world, [Kind::Chromium; 2]).await
    });
}

#[test]
fn chromium_reaches_firefox() {
    journey::run("harness_channel_firefox", async |world| {
        channel(world, [Kind::Chromium, Kind::Firefox]).await
    });
}

#[test]
fn a_load_is_measured_on_a_slow_connection_too() {
    journey::run("harness_first_load", async |_| {
        let site = site_of_its_own().await?;
        let mut medians = Vec::new();
        for condition in [Condition::Plain, Condition::Slow] {
            let mut measures = Measures::new("page", condition);
            measures.run(&site.url(), "#name", condition, false).await?;
            let samples = measures.into_samples();
            ensure!(
                samples.iter().all(|samples| samples.len() == 1),
                "something was not measured"
            );
            medians.push(
                samples
                    .last()
                    .map_or(f64::NAN, |usable| usable.percentile(50)),
            );
        }
        ensure!(
            medians[1] >= 40.0 && medians[1] > medians[0],
            "slow is not slower: {medians:?}"
        );
        Ok(())
    });
}

#[test]
fn axe_finds_what_is_wrong() {
    journey::run("harness_axe", async |world| {
        let (site, ann) = page_of_its_own(world, Kind::Chromium).await?;
        ann.arrive(&site.url()).await?;
        ann.page
            .run(
                "document.querySelector('textarea').removeAttribute('aria-label')",
                json!([]),
            )
            .await?;
        let found = axe::violations(&ann.page).await?;
        ensure!(
            found.len() == 1 && found[0].starts_with("label (critical)"),
            "{found:?}"
        );
        Ok(())
    });
}

#[test]
#[should_panic(expected = "waited")]
fn a_failure_leaves_evidence() {
    let evidence = e2e_browser::settings::artefacts().join("harness_failure");
    let told = std::panic::catch_unwind(|| {
        journey::run("harness_failure", async |world| {
            let (site, ann) = page_of_its_own(world, Kind::Chromium).await?;
            ann.open(&site.url()).await?;
            ann.page
                .find_within(
                    std::time::Duration::from_millis(200),
                    "button",
                    "No such button",
                )
                .await
                .map(drop)
        });
    });
    let panic = told.expect_err("the story cannot succeed");
    for file in ["failure.txt", "Ann.png", "Ann.html", "Ann.console.txt"] {
        assert!(evidence.join(file).exists(), "{file} is missing");
    }
    std::fs::remove_dir_all(&evidence).expect("the evidence of a provoked failure goes");
    std::panic::resume_unwind(panic);
}

#[test]
fn a_picture_without_a_code_is_an_error() {
    assert!(qr::read(b"not a picture").is_err());
}

#[test]
fn nothing_outlives_its_owner() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mark = folder.path().join("alive");
    let beat = format!(
        "sleep 30 & while true; do date +%N > {}; sleep 0.05; done",
        mark.display()
    );
    let mut command = std::process::Command::new("sh");
    let process =
        Process::spawn(command.args(["-c", &beat]), &folder.path().join("log")).expect("sh starts");
    let is_beating = || {
        let before = std::fs::read(&mark).ok();
        std::thread::sleep(std::time::Duration::from_millis(400));
        before != std::fs::read(&mark).ok()
    };
    assert!(is_beating());
    process.abandon();
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert!(!is_beating(), "the child goes on");
}
