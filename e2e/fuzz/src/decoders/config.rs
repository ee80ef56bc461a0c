//! An operator's settings: a TOML file, variables and flags. What was accepted is printed, and read
//! back alike.

use crate::supernode::config::{Asked, Config, read, read_toml};

/// The first line holds flags, between spaces; what follows is the file.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let (line, file) = text.split_once('\n').unwrap_or((text, ""));
    let mut config = Config::default();
    let is_file = read_toml(&mut config, "kith.toml", file).is_ok();
    if is_file {
        is_printed(&config);
    }
    // What other file there is, is not for this to read.
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    if words.iter().any(|word| word.starts_with("--config")) {
        return is_file;
    }
    let variables = words.iter().filter_map(|word| {
        let (name, value) = word.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    let asked = [read(words.clone(), []), read([], variables)];
    for asked in asked.iter().flatten() {
        if let Asked::Run(config) | Asked::Invite(config) | Asked::PrintConfig(config) = asked {
            is_printed(config);
        }
    }
    is_file && asked.iter().any(Result::is_ok)
}

fn is_printed(config: &Config) {
    let mut again = Config::default();
    let text = config.to_toml();
    match read_toml(&mut again, "printed", &text) {
        Ok(()) => assert_eq!(again, *config, "read back as something else"),
        Err(error) => panic!("what is printed is not read: {error}"),
    }
}
