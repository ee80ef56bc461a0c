//! `cargo xtask test [NAME]`: the rules, the lints, every unit test, the build, the budget and
//! the journeys in real browsers. With a name: the set-up, and then only the tests so named.

use crate::args::Arguments;
use crate::{checks, fuzz, process, site, step, supernode, tools, workspace};
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The exit code by which cargo-nextest says that the name picked nothing.
const NEXTEST_RAN_NONE: i32 = 4;

/// What a run went through, for the closing table.
#[derive(Default)]
struct Report {
    lines: Vec<(String, Result<()>, u64)>,
}

impl Report {
    /// Runs one part; a failure is kept, so that one run shows all of them.
    fn part(&mut self, heading: &str, work: impl FnOnce() -> Result<()>) {
        let start = Instant::now();
        let result = step::step(heading, work);
        if let Err(error) = &result {
            eprintln!("✗ {error:#}");
        }
        self.lines
            .push((heading.to_owned(), result, start.elapsed().as_secs()));
    }

    fn finish(self) -> Result<()> {
        println!("\nSummary");
        for (heading, result, seconds) in &self.lines {
            println!(
                "  {} {heading} ({seconds} s)",
                if result.is_ok() { "✓" } else { "✗" }
            );
        }
        let failed = self
            .lines
            .iter()
            .filter(|(_, result, _)| result.is_err())
            .count();
        if failed > 0 {
            bail!("{failed} of {} parts failed", self.lines.len());
        }
        Ok(())
    }
}

/// `cargo xtask test [NAME]`.
///
/// # Errors
/// When set-up is impossible or any part fails.
pub fn test(mut arguments: Arguments) -> Result<()> {
    let name = arguments.word();
    arguments.finish()?;
    step::step("Checking the toolchain", checks::set_up)?;
    let page = step::step("Checking the page's tools", tools::page)?;
    let browsers = step::step("Checking the browsers", tools::browsers)?;
    let services = step::step("Checking what the supernode's tests need", tools::services)?;
    let strangers = step::step("Checking strangers' clients", tools::strangers)?;

    let mut report = Report::default();
    if name.is_none() {
        report.part("Format", checks::format);
        report.part("Lints", checks::lints);
        report.part("Lints of the page", || {
            checks::lints_of_page(page.toolchain)
        });
        report.part("Dependencies", checks::dependencies);
    }
    let mut built = None;
    report.part("Build", || {
        let site = site::build(true)?;
        let binary = supernode::build(&site, true)?;
        built = Some((site, binary));
        Ok(())
    });
    if name.is_none() && built.is_some() {
        report.part("First load within budget", || {
            site::check_size(Arguments::new(Vec::new()))
        });
    }
    let mut suites = Suites {
        name,
        ran_any: false,
        environment: services.environment().map(owned).into(),
    };
    suites
        .environment
        .extend(strangers.environment().map(owned));
    if let Some((site, binary)) = &built {
        let built = environment(site, binary, &browsers);
        suites.environment.extend(built);
    }
    report.part("Unit tests", || {
        let words = [
            "--workspace",
            "--exclude",
            "shared",
            "--exclude",
            "e2e-browser",
            "--exclude",
            "e2e-swarm",
            "--features",
            checks::SUPERNODE_FEATURES,
        ];
        suites.run(&words, Order::Together)
    });
    for features in checks::FORMS_OF_SHARED {
        let heading = format!("Unit tests of shared [{features}]");
        report.part(&heading, || {
            suites.run(
                &["--package", "shared", "--features", features],
                Order::Together,
            )
        });
    }
    report.part("Simulated worlds", || {
        suites.run(
            &["--package", "e2e-swarm", "--features", "planted"],
            Order::Together,
        )
    });
    if suites.name.is_none() {
        report.part("Fuzz targets", fuzz::briefly);
    }
    if built.is_some() {
        report.part("Journeys in real browsers", || {
            suites.run(&["--package", "e2e-browser"], Order::OneByOne)
        });
    }
    report.finish()?;
    suites.finish()
}

/// Tells a test or a measurement where everything is.
pub fn environment(
    site: &site::Site,
    supernode: &Path,
    browsers: &tools::Browsers,
) -> Vec<(&'static str, PathBuf)> {
    let built = [
        ("KITH_SUPERNODE", supernode.to_owned()),
        (supernode::SITE_VARIABLE, site.directory.clone()),
        ("KITH_ARTEFACTS", workspace::root().join("e2e/artefacts")),
    ];
    let browsers = browsers.environment().map(owned);
    built.into_iter().chain(browsers).collect()
}

fn owned((variable, path): (&'static str, &PathBuf)) -> (&'static str, PathBuf) {
    (variable, path.clone())
}

/// Whether tests share the machine.
#[derive(Clone, Copy)]
enum Order {
    Together,
    /// Each journey has several browsers of its own.
    OneByOne,
}

/// Runs of cargo's tests, all by one name if there is one.
struct Suites {
    name: Option<String>,
    ran_any: bool,
    environment: Vec<(&'static str, PathBuf)>,
}

impl Suites {
    /// Runs cargo-nextest where it is there, else `cargo test`.
    fn run(&mut self, words: &[&str], order: Order) -> Result<()> {
        let mut cargo = process::cargo();
        let nextest = process::find("cargo-nextest").is_some();
        match nextest {
            true => cargo.args(["nextest", "run", "--no-fail-fast"]),
            false => cargo.args(["test", "--no-fail-fast"]),
        };
        cargo.args(words).args(&self.name);
        match (order, nextest) {
            (Order::Together, _) => &mut cargo,
            (Order::OneByOne, true) => cargo.arg("--test-threads=1"),
            (Order::OneByOne, false) => cargo.args(["--", "--test-threads=1"]),
        };
        cargo.envs(self.environment.iter().cloned());
        let status = cargo.status().context("cannot start cargo")?;
        // A name that picks tests of one suite picks none of the others.
        if self.name.is_some() && status.code() == Some(NEXTEST_RAN_NONE) {
            return Ok(());
        }
        self.ran_any = true;
        if !status.success() {
            bail!("tests failed");
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match (self.ran_any, self.name) {
            (false, Some(name)) => bail!("no test's name contains `{name}`"),
            _ => Ok(()),
        }
    }
}
