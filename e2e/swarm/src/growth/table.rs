//! Figures of several sizes side by side, in Markdown.

use std::fmt::Write as _;

use super::figures::Figures;
use super::meter::Kind;

/// See the module: a row for each figure, a column for each size.
#[must_use]
pub fn markdown(sizes: &[Figures]) -> String {
    let mut out = String::new();
    let mut row = |name: &str, value: &dyn Fn(&Figures) -> String| {
        let values: Vec<_> = sizes.iter().map(value).collect();
        let _ = writeln!(out, "| {name} | {} |", values.join(" | "));
    };
    row("people", &|it| thousands(it.people as f64));
    row("---", &|_| "---".into());
    row("supernodes", &|it| it.supernodes.to_string());
    row("simulated hours", &|it| it.hours.to_string());
    row("messages said", &|it| thousands(it.said as f64));
    row("arrived within the time", &|it| {
        thousands(it.delivered as f64)
    });
    row("pages opened", &|it| thousands(it.opened as f64));
    row("**bytes for each message that arrived**", &|it| {
        format!("**{}**", thousands(it.bytes_per_message()))
    });
    for (_, name) in Kind::ALL {
        row(name, &|it| {
            thousands(it.bytes.get(name).copied().unwrap_or_default())
        });
    }
    row(
        "supernodes, for each message: inputs, commits, records",
        &|it| {
            let work = it.supernodes_per_message;
            list(&[work.inputs, work.commits, work.records])
        },
    );
    row("one supernode, an hour: inputs, commits, records", &|it| {
        list(&[
            it.supernode.inputs,
            it.supernode.commits,
            it.supernode.records,
        ])
    });
    row("one person, an hour: inputs, commits, records", &|it| {
        list(&[it.person.inputs, it.person.commits, it.person.records])
    });
    row("both pages open: p50, p99, ms", &|it| {
        list(&it.both_there.map(|it| it * 1000.0))
    });
    row("from the page's opening: p50, p99, ms", &|it| {
        list(&it.after_opening.map(|it| it * 1000.0))
    });
    row("heap of an open page's core, KB", &|it| kb(it.page_heap));
    row("heap of relays, KB a person", &|it| kb(it.relay_heap));
    row("on a person's disk, KB", &|it| kb(it.person_disk));
    row("on supernodes' disks, KB a person", &|it| {
        kb(it.supernode_disk)
    });
    row("the simulator's heap beside, KB a person", &|it| {
        kb(it.simulator_heap)
    });
    row("most memory resident, MB", &|it| {
        thousands(it.resident_max as f64 / 1e6)
    });
    row("CPU seconds a simulated hour", &|it| {
        format!("{:.2}", it.hour[0])
    });
    row("the same for 1,000 people", &|it| {
        format!("{:.2}", it.hour[0] * 1000.0 / it.people.max(1) as f64)
    });
    row("CPU seconds until all are friends", &|it| {
        format!("{:.1}", it.settling[0])
    });
    row("of an input: a page, a relay, µs", &|it| {
        list(&[it.call_us[0], it.call_us[2]])
    });
    row("of opening a page: µs", &|it| thousands(it.call_us[1]));
    out
}

fn kb(bytes: f64) -> String {
    format!("{:.1}", bytes / 1000.0)
}

fn list(values: &[f64]) -> String {
    let shown: Vec<_> = values
        .iter()
        .map(|value| match *value {
            small if small < 100.0 => format!("{small:.1}"),
            large => thousands(large),
        })
        .collect();
    shown.join(" / ")
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_is_a_column() {
        let size = |people| Figures {
            people,
            ..Figures::default()
        };
        let table = markdown(&[size(10), size(1_234_567)]);
        assert!(table.starts_with("| people | 10 | 1,234,567 |\n| --- | --- | --- |\n"));
        assert!(table.lines().all(|line| line.matches('|').count() == 4));
    }
}
