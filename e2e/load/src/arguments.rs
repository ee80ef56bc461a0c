//! `--name value` pairs with defaults.

use anyhow::{Context, Result, bail};

/// Reads the numbers in `known` (name and default) from the command line, in that order.
///
/// # Errors
/// On an unknown name or what is no number.
pub fn numbers<const N: usize>(known: [(&str, usize); N]) -> Result<[usize; N]> {
    let texts = texts(known.map(|(name, default)| (name, default.to_string())))?;
    let mut values = [0; N];
    for (((name, _), text), value) in known.iter().zip(texts).zip(&mut values) {
        *value = text
            .replace('_', "")
            .parse()
            .with_context(|| format!("--{name} {text}: not a number"))?;
    }
    Ok(values)
}

/// Reads the texts in `known` (name and default) from the command line, in that order.
///
/// # Errors
/// On an unknown name.
pub fn texts<const N: usize>(known: [(&str, String); N]) -> Result<[String; N]> {
    let mut values = known.each_ref().map(|(_, default)| default.clone());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let index = known
            .iter()
            .position(|(name, _)| word.strip_prefix("--") == Some(name));
        let Some(index) = index else {
            bail!(
                "unknown {word:?}; there are: {}",
                known
                    .each_ref()
                    .map(|(name, default)| format!("--{name} {default}"))
                    .join(" ")
            )
        };
        let value = words.next();
        values[index] = value.with_context(|| format!("{word} needs a value"))?;
    }
    Ok(values)
}
