//! What a world came to, in a table.

use std::time::Duration;

use crate::world::{BEGINNING, Household, World};

/// See the module.
#[must_use]
pub fn table(world: &World, real: Duration) -> String {
    let latencies = world.checks.ledger.latencies();
    let share = |per_mille: usize| {
        let last = latencies.len().saturating_sub(1);
        latencies.get(last * per_mille / 1000).copied()
    };
    let shown = |span: Option<Duration>| match span {
        Some(span) => format!("{:.3} s", span.as_secs_f64()),
        None => "–".into(),
    };
    let entries = world.checks.ledger.entries();
    let (said, kept) = entries.fold((0, 0), |(said, kept), (_, entry)| {
        (said + 1, kept + usize::from(entry.kept))
    });
    let arrived = world.checks.ledger.entries();
    let arrived = arrived.filter(|(_, entry)| entry.arrived.is_some());
    let [direct, relayed, mailbox] = world.checks.paths.shares(arrived.map(|(id, _)| id));
    let paths = format!("{direct}, {relayed}, {mailbox}");
    let virtual_span = world.now.since(BEGINNING);
    let total = |each: &dyn Fn(usize) -> u64, count: usize| (0..count).map(each).sum::<u64>();
    let (people, nodes) = (world.people.len(), world.nodes.len());
    let sent = (
        total(&|n| world.people[n].sent_bytes, people),
        total(&|n| world.nodes[n].sent_bytes, nodes),
    );
    let inputs = (
        total(&|n| world.people[n].inputs, people),
        total(&|n| world.nodes[n].inputs, nodes),
    );
    let per = |sum: u64, count: usize| sum / (count.max(1) as u64);
    let asked = world.checks.requests.count();
    let rows = [
        ("people, supernodes", format!("{people}, {nodes}")),
        ("said, kept by the author", format!("{said}, {kept}")),
        ("arrived", latencies.len().to_string()),
        ("direct, relayed, by mailbox", paths),
        (
            "states of groups compared",
            world.checks.epochs.seen().to_string(),
        ),
        ("delivery p50", shown(share(500))),
        ("delivery p99", shown(share(990))),
        ("delivery max", shown(latencies.last().copied())),
        (
            "bytes per person, supernode",
            format!("{}, {}", per(sent.0, people), per(sent.1, nodes)),
        ),
        (
            "inputs per person, supernode",
            format!("{}, {}", per(inputs.0, people), per(inputs.1, nodes)),
        ),
        (
            "attempts without a right",
            world.checks.rights.attempts().to_string(),
        ),
        (
            "asked in public, let in",
            format!("{}, {}", asked.0, asked.1),
        ),
        ("converged after", shown(world.converged_after)),
        (
            "letters to households",
            world
                .households
                .iter()
                .map(Household::accepted)
                .sum::<usize>()
                .to_string(),
        ),
        ("virtual time", format!("{} s", virtual_span.as_secs())),
        ("real time", shown(Some(real))),
        (
            "events, trace",
            format!("{}, {}", world.trace.events(), world.trace.text()),
        ),
    ];
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = rows.map(|(name, value)| format!("  {name:width$}  {value}\n"));
    lines.concat()
}
