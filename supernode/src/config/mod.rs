//! What an operator can set: one documented list, read from a TOML file, then `KITH_*` variables,
//! then flags; the later wins. `--print-config` prints it with its documentation.

mod relay;
mod settings;
mod source;
mod value;

pub use relay::{File, PortRange, Sockets, Users};
pub use settings::Config;
pub use source::{Asked, ConfigError, read, read_toml};
pub use value::Engine;

/// How the program is called.
#[must_use]
pub fn usage() -> String {
    let mut text = String::from(
        "Kith's supernode: keeps and forwards sealed envelopes, and serves the page.\n\n\
         Usage: supernode [--config FILE] [--SETTING VALUE]...\n       \
         supernode invite [--SETTING VALUE]...   Print an invite that registers one mailbox here, and end\n       \
         supernode routes [--SETTING VALUE]...   Print how this supernode is reached, as text and as a QR code, and end\n\n\
         Options:\n\
         \x20     --config FILE  Read settings from a TOML file\n\
         \x20     --print-config Print all settings as commented TOML, and end\n\
         \x20     --version      Print the version, and end\n\
         \x20     --help         Print this, and end\n\nSettings (also in the file, and as KITH_... in the environment):\n",
    );
    for (name, value, docs) in Config::default().entries() {
        let flag = name.replace('_', "-");
        let first = docs.first().copied().unwrap_or_default().trim();
        text.push_str(&format!("      --{flag} {value}\n          {first}\n"));
    }
    text
}
