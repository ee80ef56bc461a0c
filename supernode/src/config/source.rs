//! Where settings come from.

use std::fs;
use std::path::PathBuf;

use super::settings::Config;

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Run with these settings.
    Run(Box<Config>),
    /// Print an invite for a mailbox here.
    Invite(Box<Config>),
    /// Print how this supernode is reached.
    Routes(Box<Config>),
    /// Print the settings.
    PrintConfig(Box<Config>),
    /// Print the usage.
    Help,
    /// Print the version.
    Version,
}

/// Why the settings cannot be used; says where and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// There is no such setting.
    #[error("{place}: there is no setting {name:?}{hint}", hint = hint(name))]
    Unknown {
        /// File, variable or flag.
        place: String,
        /// What was asked for.
        name: String,
    },
    /// The value does not fit.
    #[error("{place}: {name} = {value:?}: {why}")]
    Value {
        /// File, variable or flag.
        place: String,
        /// Which setting.
        name: String,
        /// What was given.
        value: String,
        /// What would have been right.
        why: String,
    },
    /// A flag is not understood.
    #[error("{0}; see --help")]
    Flag(String),
}

/// Reads file, variables and flags, in this order; the later wins.
///
/// # Errors
/// [`ConfigError`], on the first thing that is not understood.
pub fn read(
    args: impl IntoIterator<Item = String>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Asked, ConfigError> {
    let mut file = None;
    let mut print = false;
    let mut flags = Vec::new();
    let mut args = args.into_iter().peekable();
    let invite = args.next_if_eq("invite").is_some();
    let routes = args.next_if_eq("routes").is_some();
    while let Some(arg) = args.next() {
        let flag = arg
            .strip_prefix("--")
            .ok_or_else(|| ConfigError::Flag(format!("unexpected {arg:?}")))?;
        let (flag, inline) = flag
            .split_once('=')
            .map_or((flag, None), |(flag, value)| (flag, Some(value.to_owned())));
        match flag {
            "help" => return Ok(Asked::Help),
            "version" => return Ok(Asked::Version),
            "print-config" => print = true,
            _ => {
                let value = inline.or_else(|| args.next());
                let value =
                    value.ok_or_else(|| ConfigError::Flag(format!("--{flag} needs a value")))?;
                if flag == "config" {
                    file = Some(PathBuf::from(value))
                } else {
                    flags.push((flag.to_owned(), value))
                }
            }
        }
    }
    let mut config = Config::default();
    let mut variables: Vec<_> = variables.into_iter().collect();
    variables.sort();
    if let Some(path) = file {
        read_file(&mut config, &path.to_string_lossy())?;
    }
    for (name, value) in variables {
        // Variables of other parts (KITH_DIST, say) begin alike, so an unknown one is no mistake.
        if let Some(setting) = name.strip_prefix("KITH_").map(str::to_lowercase)
            && Config::NAMES.contains(&setting.as_str())
        {
            apply(&mut config, &name, &setting, &value)?;
        }
    }
    for (flag, value) in flags {
        apply(
            &mut config,
            &format!("--{flag}"),
            &flag.replace('-', "_"),
            &value,
        )?;
    }
    Ok(if invite {
        Asked::Invite(Box::new(config))
    } else if routes {
        Asked::Routes(Box::new(config))
    } else if print {
        Asked::PrintConfig(Box::new(config))
    } else {
        Asked::Run(Box::new(config))
    })
}

fn read_file(config: &mut Config, path: &str) -> Result<(), ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    read_toml(config, path, &text)
}

fn unreadable(path: &str, why: &dyn std::fmt::Display) -> ConfigError {
    ConfigError::File {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Applies the settings in `text`, the TOML file at `path`.
///
/// # Errors
/// [`ConfigError`], on the first thing that is not understood.
pub fn read_toml(config: &mut Config, path: &str, text: &str) -> Result<(), ConfigError> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| unreadable(path, &error))?;
    for (name, value) in table {
        let text = plain(&value).ok_or_else(|| ConfigError::Value {
            place: path.to_owned(),
            name: name.clone(),
            value: value.to_string(),
            why: "expected a text, a number, true or false, or a list of texts".to_owned(),
        })?;
        apply(config, path, &name, &text)?;
    }
    Ok(())
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(choice) => Some(choice.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.as_str()).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

fn apply(config: &mut Config, place: &str, name: &str, value: &str) -> Result<(), ConfigError> {
    match config.set(name, value) {
        Some(Ok(())) => Ok(()),
        Some(Err(why)) => Err(ConfigError::Value {
            place: place.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            why,
        }),
        None => Err(ConfigError::Unknown {
            place: place.to_owned(),
            name: name.to_owned(),
        }),
    }
}

fn hint(name: &str) -> String {
    let close = Config::NAMES
        .iter()
        .find(|known| known.contains(name) || name.contains(*known));
    close
        .map(|known| format!(" (did you mean {known}?)"))
        .unwrap_or_default()
}
