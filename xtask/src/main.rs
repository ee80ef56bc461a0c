//! `cargo xtask`: the one way to build, run, test and measure Kith.
//!
//! Every command does its own set-up first: what is already on the machine is used, what is
//! missing is installed into a per-user cache (see [`tools`]) or named with the one command that
//! installs it. Everything else is a thin line of steps: [`site`] builds the page with Trunk,
//! [`supernode`] builds the binary that carries it, [`run`], [`test`] and [`bench`] use both.
//!
//! What is deliberately not here: no build logic of the crates themselves (that is cargo's and
//! Trunk's), and no timed tests (they live in `e2e/`).

mod args;
mod bench;
mod checks;
mod fuzz;
mod process;
mod run;
mod site;
mod step;
mod supernode;
mod swarm;
mod test;
mod tidy;
mod tools;
mod wasm;
mod workspace;

use anyhow::{Result, bail};
use args::Arguments;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  run    [--port N] [--http ADDR:PORT] [--data DIR] [--release true|false] [--direct-only]
         set up, build, start the supernode and print where Kith is; --direct-only: without WebSocket
  build  the static site in dist/ and the supernode binary that carries it
  test   [NAME] every check and test, real browsers included; NAME picks tests by name
  bench  [NAME] [ARGS…] measurements: first-load, latency, sessions, mailbox, direct, turn, growth (all when no NAME)
  swarm  [--seed S] [--people N] [--supernodes M] [--hours H] [--with MIX] [--weather KINDS] [--until-fails]
         a simulated world in which everything goes wrong, and whether it kept its promises
  fuzz   [TARGET] [--runs N] [--seconds S] [--keep]
         libFuzzer on every decoder and on sequences of inputs, each from its corpus
  setup  only install what is missing
  tidy   the rules that prose cannot guard
  check-size  the bytes of the first load against docs/budget.json (--record writes them)
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let arguments = Arguments::new(words.collect());
    match command.as_str() {
        "run" => run::run(arguments),
        "build" => run::build(arguments),
        "test" => test::test(arguments),
        "bench" => bench::bench(arguments),
        "swarm" => swarm::swarm(arguments),
        "fuzz" => fuzz::fuzz(arguments),
        "setup" => tools::set_up_everything(arguments),
        "tidy" => tidy::command(arguments),
        "check-size" => site::check_size(arguments),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("no command `{other}`\n\n{HELP}"),
    }
}
