//! A QR code as one SVG path, dark on white in every theme, with the quiet zone that scanners need.

use qrcodegen::{QrCode, QrCodeEcc};
use yew::{AttrValue, Html, html};

/// Light modules around the code (ISO/IEC 18004 asks for four).
const QUIET_MODULES: i32 = 4;
/// Width the drawing comes near to, in CSS pixels: read by a phone at arm's length.
const WIDTH_PX: i32 = 300;

/// Draws `text`, named `label`. `None` when it is too long for a QR code (2953 bytes).
pub fn draw(text: &str, label: AttrValue) -> Option<Html> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * QUIET_MODULES;
    // Whole pixels for each module keep its edges sharp.
    let width = (side * (WIDTH_PX / side).max(2)).to_string();
    Some(html! {
        <svg width={width.clone()} height={width} viewBox={format!("0 0 {side} {side}")} shape-rendering="crispEdges" role="img" aria-label={label}>
            <rect width={side.to_string()} height={side.to_string()} fill="#fff" />
            <path d={path(&code)} fill="#000" />
        </svg>
    })
}

/// One rectangle per run of dark modules in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            let run = x - start;
            if run > 0 {
                let (left, top) = (start + QUIET_MODULES, y + QUIET_MODULES);
                path.push_str(&format!("M{left} {top}h{run}v1h-{run}z"));
            } else {
                x += 1;
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_in_the_path_once() {
        let code = QrCode::encode_text("https://kith.example/#/i/abc", QrCodeEcc::Low).unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|&(x, y)| code.get_module(x, y))
            .count();
        let drawn: usize = path(&code)
            .split('h')
            .skip(1)
            .filter_map(|run| run.split('v').next()?.parse::<usize>().ok())
            .sum();
        assert_eq!(drawn, dark);
    }

    #[test]
    fn what_does_not_fit_is_not_drawn() {
        assert!(QrCode::encode_text(&"a".repeat(2953), QrCodeEcc::Low).is_ok());
        assert!(QrCode::encode_text(&"a".repeat(2954), QrCodeEcc::Low).is_err());
    }
}
