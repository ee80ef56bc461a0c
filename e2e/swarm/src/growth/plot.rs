//! Figures of several sizes as lines over the number of people: an SVG that is readable on light and on
//! dark.

use std::fmt::Write as _;

use super::figures::Figures;

/// A panel's place for lines, and what is around it, in pixels.
const WIDTH: f64 = 230.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 44.0;
const RIGHT: f64 = 150.0;
const BOTTOM: f64 = 40.0;
/// Least distance between two names of lines.
const LINE: f64 = 14.0;
/// Panels in a row.
const COLUMNS: usize = 2;
/// Lines across a panel.
const GRID: u32 = 4;

/// A line's name, and what it shows of a size.
type Series = (&'static str, fn(&Figures) -> f64);

/// A panel: what it shows, and its lines.
struct Panel {
    title: &'static str,
    series: &'static [Series],
}

fn bytes(it: &Figures, names: &[&str]) -> f64 {
    names.iter().filter_map(|name| it.bytes.get(*name)).sum()
}

const PANELS: [Panel; 4] = [
    Panel {
        title: "bytes for each message that arrived",
        series: &[
            ("all", Figures::bytes_per_message),
            ("signalling", |it| {
                bytes(
                    it,
                    &["live envelopes (signalling)", "signalling over channels"],
                )
            }),
            ("messages, receipts", |it| {
                bytes(
                    it,
                    &[
                        "kept messages",
                        "kept receipts",
                        "messages over channels",
                        "receipts over channels",
                    ],
                )
            }),
            ("sessions", |it| bytes(it, &["beginnings of sessions"])),
        ],
    },
    Panel {
        title: "operations for each message that arrived",
        series: &[
            ("inputs, people", |it| it.people_per_message.inputs),
            ("inputs, supernodes", |it| it.supernodes_per_message.inputs),
            ("records, people", |it| it.people_per_message.records),
            ("commits, supernodes", |it| {
                it.supernodes_per_message.commits
            }),
        ],
    },
    Panel {
        title: "KB for each person",
        series: &[
            ("open page's core", |it| it.page_heap / 1000.0),
            ("person's disk", |it| it.person_disk / 1000.0),
            ("supernodes' disks", |it| it.supernode_disk / 1000.0),
            ("relays' heap", |it| it.relay_heap / 1000.0),
        ],
    },
    Panel {
        title: "CPU seconds, 1,000 people, one hour",
        series: &[
            ("all", |it| it.hour[0] * 1000.0 / it.people.max(1) as f64),
            ("pages", |it| {
                let share = (it.shares[0] + it.shares[1]) / 1000.0;
                it.hour[0] * share * 1000.0 / it.people.max(1) as f64
            }),
            ("relays", |it| {
                it.hour[0] * it.shares[2] / it.people.max(1) as f64
            }),
        ],
    },
];

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#333}.t{font-weight:600;font-size:13px}.g{stroke:#ddd}\
polyline{fill:none;stroke-width:2}\
.c0{stroke:#0b62c4;fill:#0b62c4}.c1{stroke:#b3420a;fill:#b3420a}\
.c2{stroke:#197a3e;fill:#197a3e}.c3{stroke:#8a2fa8;fill:#8a2fa8}polyline[class]{fill:none}\
text[class^=c]{stroke:none}.b{fill:#fff}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}.b{fill:#16181c}\
.c0{stroke:#6cb2ff;fill:#6cb2ff}.c1{stroke:#ff9e6b;fill:#ff9e6b}\
.c2{stroke:#6fd394;fill:#6fd394}.c3{stroke:#d79bf0;fill:#d79bf0}}";

/// See the module.
#[must_use]
pub fn svg(sizes: &[Figures]) -> String {
    let (wide, high) = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM);
    let width = wide * COLUMNS as f64;
    let height = high * PANELS.len().div_ceil(COLUMNS) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\
         <title>Costs of the network by number of people</title><style>{STYLE}</style>\
         <rect class=\"b\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    for (number, panel) in PANELS.iter().enumerate() {
        let (x, y) = (number % COLUMNS, number / COLUMNS);
        let _ = writeln!(
            out,
            "<g transform=\"translate({},{})\">",
            x as f64 * wide + LEFT,
            y as f64 * high + TOP
        );
        draw(&mut out, panel, sizes);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn draw(out: &mut String, panel: &Panel, sizes: &[Figures]) {
    let of = |people: usize| (people.max(1) as f64).log10();
    let first = sizes
        .iter()
        .map(|it| of(it.people))
        .fold(f64::MAX, f64::min);
    let last = sizes.iter().map(|it| of(it.people)).fold(0.0, f64::max);
    let values = panel
        .series
        .iter()
        .flat_map(|(_, value)| sizes.iter().map(value));
    let top = ceiling(values.fold(0.0, f64::max));
    let x = |people: usize| (of(people) - first) / (last - first).max(0.1) * WIDTH;
    let y = |value: f64| HEIGHT - value / top * HEIGHT;
    let _ = writeln!(out, "<text class=\"t\" y=\"-16\">{}</text>", panel.title);
    for step in 0..=GRID {
        let value = top * f64::from(step) / f64::from(GRID);
        let at = y(value);
        let _ = writeln!(
            out,
            "<path class=\"g\" d=\"M0 {at:.1}h{WIDTH}\"/>\
             <text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            at + 4.0,
            shown(value)
        );
    }
    for it in sizes {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            x(it.people),
            HEIGHT + 18.0,
            shown(it.people as f64)
        );
    }
    let mut names = Vec::new();
    for (number, (name, value)) in panel.series.iter().enumerate() {
        let points = sizes.iter().map(|it| (x(it.people), y(value(it))));
        let line: Vec<_> = points
            .clone()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let _ = writeln!(
            out,
            "<polyline class=\"c{number}\" points=\"{}\"/>",
            line.join(" ")
        );
        for (x, y) in points {
            let _ = writeln!(
                out,
                "<circle class=\"c{number}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>"
            );
        }
        let end = sizes.last().map_or(HEIGHT, |it| y(value(it)));
        names.push((end, number, *name));
    }
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut below = HEIGHT + LINE;
    for (at, number, name) in names {
        below = at.min(below - LINE);
        let _ = writeln!(
            out,
            "<text class=\"c{number}\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
            WIDTH + 8.0,
            below + 4.0
        );
    }
}

/// A round number not below `value`.
fn ceiling(value: f64) -> f64 {
    let value = value.max(f64::MIN_POSITIVE);
    let unit = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 4.0, 8.0, 10.0];
    let fits = steps.into_iter().find(|step| step * unit >= value);
    fits.unwrap_or(10.0) * unit
}

fn shown(value: f64) -> String {
    match value {
        large if large >= 1000.0 => format!("{}k", large / 1000.0),
        other => format!("{}", (other * 100.0).round() / 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_a_point_on_every_line_and_inside_of_its_panel() {
        let size = |people: usize| Figures {
            people,
            page_heap: 58_000.0,
            hour: [people as f64 / 100.0, 0.0],
            shares: [600.0, 100.0, 100.0],
            ..Figures::default()
        };
        let svg = svg(&[size(10), size(100), size(1000)]);
        let lines: usize = PANELS.iter().map(|panel| panel.series.len()).sum();
        assert_eq!(svg.matches("<circle").count(), 3 * lines);
        let of = |name: &str| {
            let parts = svg.split(name).skip(1);
            let numbers = parts.filter_map(|part| part.split('"').next()?.parse::<f64>().ok());
            numbers.collect::<Vec<_>>()
        };
        assert!(of("cx=\"").iter().all(|x| (0.0..=WIDTH).contains(x)));
        assert!(of("cy=\"").iter().all(|y| (0.0..=HEIGHT).contains(y)));
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn a_panel_ends_at_a_round_number() {
        for (value, top) in [(0.3, 0.4), (1.0, 1.0), (17_000.0, 20_000.0), (81.0, 100.0)] {
            assert!((ceiling(value) - top).abs() < 1e-9, "{value}");
        }
    }
}
