//! Samples of one measure, their percentiles, and how both are printed.

use serde::Serialize;

/// One measure of one subject: a name and what every run yielded.
#[derive(Clone, Debug)]
pub struct Samples {
    /// What was measured, for instance `kith, slow`.
    pub subject: String,
    /// Measure with its unit last, for instance `usable_ms`.
    pub measure: String,
    values: Vec<f64>,
}

/// One line of the JSON output.
#[derive(Debug, Serialize)]
struct Line<'a> {
    bench: &'a str,
    subject: &'a str,
    measure: &'a str,
    runs: usize,
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

impl Samples {
    /// No samples yet.
    #[must_use]
    pub fn new(subject: &str, measure: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            measure: measure.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds what one run yielded; what is no number is left out.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.values.push(value);
        }
    }

    /// How many runs yielded a number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True when no run did.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The smallest sample with at least `percent` per cent of the samples at or below it
    /// (nearest rank); NaN without samples.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
    }
}

/// A table for people, then one JSON object a line for programs.
#[must_use]
pub fn report(bench: &str, all: &[Samples]) -> String {
    let mut text =
        format!("| {bench} | measure | runs | p50 | p95 | p99 |\n|---|---|---:|---:|---:|---:|\n");
    for samples in all {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| samples.percentile(percent));
        text.push_str(&format!(
            "| {} | {} | {} | {p50:.1} | {p95:.1} | {p99:.1} |\n",
            samples.subject,
            samples.measure,
            samples.len()
        ));
    }
    text.push('\n');
    for samples in all.iter().filter(|samples| !samples.is_empty()) {
        let line = Line {
            bench,
            subject: &samples.subject,
            measure: &samples.measure,
            runs: samples.len(),
            p50: rounded(samples.percentile(50)),
            p95: rounded(samples.percentile(95)),
            p99: rounded(samples.percentile(99)),
            max: rounded(samples.percentile(100)),
        };
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    text
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Samples {
        let mut samples = Samples::new("page", "paint_ms");
        values.into_iter().for_each(|value| samples.add(value));
        samples
    }

    #[test]
    fn percentiles_are_samples() {
        let samples = of((1..=200).rev().map(f64::from));
        assert_eq!(
            [50, 95, 99, 100].map(|percent| samples.percentile(percent)),
            [100.0, 190.0, 198.0, 200.0]
        );
        assert_eq!(
            [1, 50, 99].map(|percent| of([7.0]).percentile(percent)),
            [7.0, 7.0, 7.0]
        );
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        let samples = of([f64::NAN, 3.0, f64::INFINITY]);
        assert_eq!((samples.len(), samples.percentile(50)), (1, 3.0));
        assert!(of([]).percentile(50).is_nan());
    }

    #[test]
    fn a_report_has_a_row_and_a_json_line_for_each_measure() {
        let report = report("first-load", &[of([1.0, 2.0]), of([])]);
        assert!(report.contains("| page | paint_ms | 2 | 1.0 | 2.0 | 2.0 |"));
        let lines: Vec<serde_json::Value> = report
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["p95"], 2.0);
    }
}
