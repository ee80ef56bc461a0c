//! Figures, for people and for programs.

use serde_json::json;

/// One figure.
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// In which unit.
    pub unit: &'static str,
    /// How much.
    pub value: f64,
}

/// A figure.
#[must_use]
pub fn figure(name: &'static str, unit: &'static str, value: f64) -> Figure {
    Figure { name, unit, value }
}

/// Prints a table, then one JSON line per figure.
pub fn print(bench: &str, figures: &[Figure]) {
    println!("\n{bench}");
    for Figure { name, unit, value } in figures {
        println!("  {name:<44} {value:>14.2} {unit}");
    }
    for Figure { name, unit, value } in figures {
        println!(
            "{}",
            json!({"bench": bench, "figure": name, "unit": unit, "value": value})
        );
    }
}

/// The `percent`th percentile of `sorted`, by nearest rank; 0 when there is nothing.
#[must_use]
pub fn percentile(sorted: &[u64], percent: f64) -> u64 {
    let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let values: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&values, 50.0), 50);
        assert_eq!(percentile(&values, 99.0), 99);
        assert_eq!(percentile(&[7], 50.0), 7);
        assert_eq!(percentile(&[], 50.0), 0);
    }
}
