//! `supernode routes`: how this supernode is reached, for people and for cameras.

use anyhow::{Result, ensure};
use qrcodegen::{QrCode, QrCodeEcc};
use shared::base::id::NodeId;
use shared::direct::route::DirectRoute;

use crate::config::Config;
use crate::identity;
use crate::listen::direct::certificate::Certificate;
use crate::listen::udp;

/// Modules of white around a code (ISO/IEC 18004 §5.3.8).
const QUIET: i32 = 4;

/// The node key, the routes, a line each, and all of it as a QR code, in which spaces part them.
///
/// # Errors
/// When the data folder holds no key or certificate, which a supernode makes that runs there, or nothing
/// says how it is reached.
pub fn card(config: &Config) -> Result<String> {
    let key = NodeId(identity::read(&config.data)?.public()).to_text();
    let mut lines = vec![key];
    lines.extend(
        config
            .routes
            .0
            .iter()
            .map(|route| route.as_str().to_owned()),
    );
    let places = udp::places(config);
    if !places.is_empty() {
        let certificate = Certificate::read(&config.data)?.fingerprint();
        lines.extend(places.into_iter().map(|address| {
            DirectRoute {
                address,
                certificate,
            }
            .to_text()
        }));
    }
    ensure!(
        lines.len() > 1,
        "nothing says how this supernode is reached: set udp to an address and a port, or routes"
    );
    let code = QrCode::encode_text(&lines.join(" "), QrCodeEcc::Low)?;
    Ok(format!("{}\n\n{}", lines.join("\n"), drawn(&code)))
}

/// Two modules a letter, one above the other; dark ones are left out, for terminals are dark.
fn drawn(code: &QrCode) -> String {
    let (from, to) = (-QUIET, code.size() + QUIET);
    let is_light = |x, y| !code.get_module(x, y);
    let mut text = String::new();
    for y in (from..to).step_by(2) {
        for x in from..to {
            text.push(match (is_light(x, y), y + 1 < to && is_light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_with_white_around_it() {
        let code = QrCode::encode_text("kith", QrCodeEcc::Low).unwrap();
        let text = drawn(&code);
        let size = usize::try_from(code.size() + 2 * QUIET).unwrap();
        assert_eq!(text.lines().count(), size.div_ceil(2));
        assert!(text.lines().all(|line| line.chars().count() == size));
        assert!(
            text.lines()
                .take(2)
                .all(|line| line.chars().all(|it| it == '█'))
        );
        // The first corner: its dark edge is at the top left.
        let third: Vec<char> = text.lines().nth(2).unwrap().chars().collect();
        assert_eq!(third[3..6], ['█', ' ', '▄']);
    }
}
