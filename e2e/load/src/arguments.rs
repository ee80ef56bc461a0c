//! `--name value` pairs with defaults.

use anyhow::{Context, Result, bail};

/// Reads the numbers in `known` (name and default) from the command line, in that order.
///
/// # Errors
/// On an unknown name or what is no number.
pub fn numbers<const N: usize>(known: [(&str, usize); N]) -> Result<[usize; N]> {
    let mut values = known.map(|(_, default)| default);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let index = known
            .iter()
            .position(|(name, _)| word.strip_prefix("--") == Some(name));
        let Some(index) = index else {
            bail!(
                "unknown {word:?}; there are: {}",
                known
                    .map(|(name, default)| format!("--{name} {default}"))
                    .join(" ")
            )
        };
        let value = words
            .next()
            .with_context(|| format!("{word} needs a number"))?;
        values[index] = value
            .replace('_', "")
            .parse()
            .with_context(|| format!("{word} {value}: not a number"))?;
    }
    Ok(values)
}
