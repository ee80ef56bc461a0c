//! Command line words: `--name value`, `--name=value`, and the plain words between them.

use anyhow::{Context as _, Result, bail};

/// What follows the command's name.
pub struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    /// Takes the words after the command's name.
    pub fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Takes `--name VALUE` or `--name=VALUE` out, wherever it stands.
    ///
    /// # Errors
    /// When the option is the last word and so has no value.
    pub fn option(&mut self, name: &str) -> Result<Option<String>> {
        let assignment = format!("{name}=");
        let Some(at) = self
            .words
            .iter()
            .position(|word| word == name || word.starts_with(&assignment))
        else {
            return Ok(None);
        };
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&assignment) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.words.len() {
            bail!("{name} needs a value");
        }
        Ok(Some(self.words.remove(at)))
    }

    /// Takes `--name true|false` out; `default` when it is not there.
    ///
    /// # Errors
    /// When the value is neither `true` nor `false`.
    pub fn boolean(&mut self, name: &str, default: bool) -> Result<bool> {
        match self.option(name)? {
            None => Ok(default),
            Some(value) => value
                .parse()
                .with_context(|| format!("{name} is true or false, not `{value}`")),
        }
    }

    /// Takes `--name NUMBER` out.
    ///
    /// # Errors
    /// When the value is no number.
    pub fn number(&mut self, name: &str) -> Result<Option<u64>> {
        let value = self.option(name)?;
        let number = value.map(|value| {
            value
                .parse()
                .with_context(|| format!("{name} is a number, not `{value}`"))
        });
        number.transpose()
    }

    /// Takes the flag out and says whether it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// Takes the first word that is not an option.
    pub fn word(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with('-'))?;
        Some(self.words.remove(at))
    }

    /// All words not yet taken.
    pub fn rest(self) -> Vec<String> {
        self.words
    }

    /// Says that nothing may be left.
    ///
    /// # Errors
    /// Names the first word nobody took.
    pub fn finish(self) -> Result<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => bail!("unexpected `{word}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_are_taken_in_both_spellings_and_any_order() {
        let mut line = arguments("word --port 81 --data=here --record");
        assert_eq!(line.option("--data").unwrap().as_deref(), Some("here"));
        assert_eq!(line.option("--port").unwrap().as_deref(), Some("81"));
        assert!(line.flag("--record") && !line.flag("--record"));
        assert_eq!(line.word().as_deref(), Some("word"));
        line.finish().unwrap();
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(
            arguments("--port")
                .option("--port")
                .unwrap_err()
                .to_string(),
            "--port needs a value"
        );
        assert!(
            arguments("--release maybe")
                .boolean("--release", true)
                .unwrap_err()
                .to_string()
                .contains("maybe")
        );
        assert!(
            arguments("--colour")
                .finish()
                .unwrap_err()
                .to_string()
                .contains("--colour")
        );
    }
}
