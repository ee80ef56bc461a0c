//! `cargo xtask bench [NAME] [ARGS…]`: builds what is measured and hands over.
//!
//! The measuring programs live in `e2e/`; each prints a table and JSON lines.

use crate::args::Arguments;
use crate::{process, site, step, supernode, test, tools};
use anyhow::{Result, bail};

/// The package that measures the supernode without its page, and other servers beside it.
const LOAD: &str = "e2e-load";

/// The package of the simulator, which needs nothing but itself.
const SWARM: &str = "e2e-swarm";

/// The relay's, which needs other relays.
const TURN: &str = "turn";

/// A measurement's name and the package that has it as binary `bench-NAME`.
const BENCHES: [(&str, &str); 7] = [
    ("first-load", "e2e-browser"),
    ("latency", "e2e-browser"),
    ("sessions", LOAD),
    ("mailbox", LOAD),
    ("direct", LOAD),
    (TURN, LOAD),
    ("growth", SWARM),
];

/// `cargo xtask bench`.
///
/// # Errors
/// When there is no such measurement, or it fails.
pub fn bench(mut arguments: Arguments) -> Result<()> {
    let chosen = arguments.word();
    let rest = arguments.rest();
    let benches: Vec<_> = match chosen.as_deref() {
        None => BENCHES.to_vec(),
        Some(name) => BENCHES
            .into_iter()
            .filter(|(known, _)| *known == name)
            .collect(),
    };
    if benches.is_empty() {
        bail!(
            "no such measurement; there are: {}",
            BENCHES.map(|(name, _)| name).join(", ")
        );
    }
    for (name, package) in benches {
        let mut cargo = process::cargo();
        cargo
            .args(["run", "--quiet", "--release", "--package", package, "--bin"])
            .arg(format!("bench-{name}"));
        if package == LOAD {
            let heading = "Checking the servers to compare with";
            match name {
                TURN => cargo.env("KITH_TURN_RS", step::step(heading, tools::relays)?),
                _ => {
                    step::step(heading, tools::servers)?;
                    &mut cargo
                }
            };
            cargo.env("KITH_SUPERNODE", supernode::build_alone()?);
        } else if package != SWARM {
            let site = site::build(true)?;
            let binary = supernode::build(&site, true)?;
            let browsers = step::step("Checking the browsers", tools::browsers)?;
            cargo.envs(test::environment(&site, &binary, &browsers));
        }
        step::step(&format!("Measuring {name}"), || {
            process::run(cargo.arg("--").args(&rest))
        })?;
    }
    Ok(())
}
