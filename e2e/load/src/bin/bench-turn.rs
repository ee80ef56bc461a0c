//! The relay beside other servers: `bench-turn [--rounds 3] [--ms 1000] [--coturn PATH] [--turn-rs PATH]
//! [--only PART] [--flood SECONDS]`.
//!
//! PART is one of `calls`, `bursts`, `pairs`, `moderate`, `growth`, `memory`, `replies`. `--coturn` names a
//! coturn of 4.17 or later, to be measured beside Debian's. With `--flood`, nothing but a flood.

use anyhow::{Context, Result, bail};
use e2e_load::turn::arena::Arena;
use e2e_load::turn::server::{Kind, Server};
use e2e_load::turn::table::Table;
use e2e_load::turn::{flood, forward, load, rows};
use e2e_load::{arguments, limits};

/// Sockets of a server with the most allocations.
const SOCKETS: usize = 11_000;
/// Debian's coturn, wherever it is on `PATH`.
const COTURN: &str = "turnserver";

type Row = fn(&Arena, &mut Table) -> Result<()>;

const COMPARED: [(&str, Row); 5] = [
    ("calls", rows::calls),
    ("bursts", rows::bursts),
    ("pairs", rows::pairs),
    ("moderate", rows::moderate),
    ("growth", rows::growth),
];

fn main() -> Result<()> {
    limits::raise(SOCKETS)?;
    let words: Vec<_> = std::env::args().skip(1).collect();
    match &*words {
        [what, how] if what == "load" => {
            let outcome = load::run(&serde_json::from_str(how)?)?;
            println!("{}", serde_json::to_string(&outcome)?);
            Ok(())
        }
        [what, how] if what == "forward" => forward::run(serde_json::from_str(how)?),
        [what, how] if what == "flood" => {
            println!("{}", flood::run(serde_json::from_str(how)?)?);
            Ok(())
        }
        _ => measure(),
    }
}

fn measure() -> Result<()> {
    let [rounds, ms, coturn, turn_rs, only, flood] = arguments::texts([
        ("rounds", "3".to_owned()),
        ("ms", "1000".to_owned()),
        ("coturn", String::new()),
        ("turn-rs", std::env::var("KITH_TURN_RS").unwrap_or_default()),
        ("only", String::new()),
        ("flood", "0".to_owned()),
    ])?;
    let mut table = Table::default();
    let flood: f64 = flood.parse().context("--flood takes seconds")?;
    if flood > 0.0 {
        flood::measure(flood, &mut table)?;
        table.end();
        return Ok(());
    }
    let is_wanted = |name: &str| only.is_empty() || only == name;
    let others = ["memory", "replies"].into_iter();
    let mut known = COMPARED.iter().map(|(name, _)| *name).chain(others);
    if !known.any(is_wanted) {
        bail!("no such part: {only}");
    }
    if COMPARED.iter().any(|(name, _)| is_wanted(name)) {
        let mut kinds = vec![Kind::Kith, Kind::Plain, Kind::Coturn(COTURN.to_owned())];
        if !turn_rs.is_empty() {
            kinds.push(Kind::TurnRs(turn_rs));
        }
        if !coturn.is_empty() {
            kinds.extend([Kind::Coturn(coturn.clone()), Kind::CoturnMux(coturn)]);
        }
        let servers: Result<_> = kinds.into_iter().map(Server::start).collect();
        let arena = Arena {
            servers: servers?,
            rounds: rounds.parse().context("--rounds takes a number")?,
            seconds: ms.parse::<f64>().context("--ms takes a number")? / 1000.0,
        };
        for (_, row) in COMPARED.iter().filter(|(name, _)| is_wanted(name)) {
            row(&arena, &mut table)?;
        }
    }
    if is_wanted("memory") {
        rows::memory(&mut table)?;
    }
    if is_wanted("replies") {
        rows::replies(&mut table)?;
    }
    table.end();
    Ok(())
}
