//! Arguments of the benches: `--name value`, nothing else.

use anyhow::{Context, Result, bail};

/// What was given, in order.
#[derive(Debug, Default)]
pub struct Arguments(Vec<(String, String)>);

impl Arguments {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    /// When a name is not among `known`, or its value is missing.
    pub fn of_process(known: &[&str]) -> Result<Self> {
        Self::parse(std::env::args().skip(1), known)
    }

    /// Reads `words`.
    ///
    /// # Errors
    /// When a name is not among `known`, or its value is missing.
    pub fn parse(words: impl IntoIterator<Item = String>, known: &[&str]) -> Result<Self> {
        let mut words = words.into_iter();
        let mut pairs = Vec::new();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--").filter(|name| known.contains(name)) else {
                bail!("unknown argument {word}; known: --{}", known.join(", --"));
            };
            pairs.push((
                name.to_owned(),
                words
                    .next()
                    .with_context(|| format!("--{name} needs a value"))?,
            ));
        }
        Ok(Self(pairs))
    }

    /// The last value given for `name`, as a number, else `default`.
    ///
    /// # Errors
    /// When it is no number.
    pub fn number(&self, name: &str, default: usize) -> Result<usize> {
        let given = self.0.iter().rev().find(|(given, _)| given == name);
        given.map_or(Ok(default), |(_, value)| {
            value
                .parse()
                .with_context(|| format!("--{name} {value}: not a number"))
        })
    }

    /// Every value given for `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments> {
        Arguments::parse(
            line.split_whitespace().map(str::to_owned),
            &["runs", "anchor"],
        )
    }

    #[test]
    fn names_have_values_and_the_last_counts() -> Result<()> {
        let arguments = parse("--anchor a --runs 3 --anchor b --runs 5")?;
        assert_eq!(arguments.number("runs", 1)?, 5);
        assert_eq!(arguments.all("anchor").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(parse("")?.number("runs", 1)?, 1);
        Ok(())
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert!(parse("--rnus 3").is_err());
        assert!(parse("--runs").is_err());
        assert!(parse("--runs many").is_ok_and(|arguments| arguments.number("runs", 1).is_err()));
    }
}
