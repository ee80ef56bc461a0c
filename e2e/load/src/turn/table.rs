//! Figures beside what they must reach.

use serde_json::json;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// No less.
    AtLeast(f64),
    /// No more.
    AtMost(f64),
    /// Only to be known.
    None,
}

impl Bar {
    fn says(self, value: f64) -> &'static str {
        match self {
            Self::AtLeast(bar) if value >= bar => "met",
            Self::AtMost(bar) if value <= bar => "met",
            Self::None => "",
            _ => "MISSED",
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(bar) => format!("≥ {bar}"),
            Self::AtMost(bar) => format!("≤ {bar}"),
            Self::None => String::new(),
        }
    }
}

/// Lines, printed as they come.
#[derive(Default)]
pub struct Table {
    missed: usize,
}

impl Table {
    /// Begins a part.
    pub fn heading(&self, text: &str) {
        println!("\n{text}");
    }

    /// Prints a figure, and as JSON to whoever reads the errors' stream.
    pub fn row(&mut self, name: &str, value: f64, unit: &str, bar: Bar) {
        let says = bar.says(value);
        self.missed += usize::from(says == "MISSED");
        let digits = if value.abs() < 100.0 { 2 } else { 0 };
        println!(
            "  {name:<58} {value:>11.digits$} {unit:<14} {:<8} {says}",
            bar.text()
        );
        eprintln!(
            "{}",
            json!({"bench": "turn", "figure": name, "unit": unit, "value": value, "bar": bar.text(), "says": says})
        );
    }

    /// Says how it went.
    pub fn end(&self) {
        match self.missed {
            0 => println!("\nall that had to be reached was reached"),
            missed => println!("\n{missed} missed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_met_when_they_are_reached() {
        assert_eq!(Bar::AtLeast(0.8).says(0.8), "met");
        assert_eq!(Bar::AtLeast(0.8).says(0.79), "MISSED");
        assert_eq!(Bar::AtMost(68.0).says(68.0), "met");
        assert_eq!(Bar::AtMost(68.0).says(69.0), "MISSED");
        assert_eq!(Bar::None.says(0.0), "");
    }
}
