//! What the first screen does not need, by the names of functions.
//!
//! Nothing of this runs before a person has a name here: the core is loaded, and the panes are
//! drawn, by `client-wasm/src/engine/tenure.rs`, which awaits the second module before. Names tell
//! functions apart because `wasm.rs` has equal ones not merged.

/// Where the page enters the core and what needs it. Other functions that the first screen may
/// call come first, whatever their names say.
const GATES: [&str; 7] = [
    "<client_wasm::engine::lead::Lead>::",
    "<client_wasm::platform::webrtc::Inner>::",
    "<client_wasm::platform::webrtc::direct::",
    "<shared::invite::Invite>::",
    "<shared::peer::Peer>::",
    "client_wasm::platform::webrtc::",
    "shared::identity::words::",
];

/// Crates whose functions serve only the core, wherever a name mentions one.
const CORE: [&str; 16] = [
    "chacha20",
    "chacha20poly1305",
    "curve25519_dalek",
    "ed25519_dalek",
    "hkdf",
    "hmac",
    "hpke",
    "minicbor",
    "openmls",
    "openmls_traits",
    "poly1305",
    "qrcodegen",
    "sha2",
    "shared",
    "tls_codec",
    "x25519_dalek",
];

/// Parts of the page that are drawn only for a person who has a name here. A function that stands
/// in the table and names one of them comes second: much of what draws a component is the
/// framework's.
const SCREENS: [&str; 14] = [
    "client_wasm::features::announcer::",
    "client_wasm::features::chat::",
    "client_wasm::features::chats::",
    "client_wasm::features::connection::",
    "client_wasm::features::home::",
    "client_wasm::features::invite::",
    "client_wasm::features::panes::",
    "client_wasm::features::requests::",
    "client_wasm::features::settings::",
    "client_wasm::features::trouble::banners::",
    "client_wasm::platform::webrtc::direct::",
    "client_wasm::ui::dialog::",
    "client_wasm::ui::qr::",
    "client_wasm::ui::virtual_list::",
];

/// Says whether a function that is called directly is a gate.
pub fn is_gate(name: &str) -> bool {
    let path = path(name);
    GATES.iter().any(|gate| path.starts_with(gate))
}

/// Says whether a function that stands in the table can only be called by later ones.
pub fn serves_later(name: &str) -> bool {
    let path = path(name);
    let own = ["client_wasm::", "yew::"]
        .iter()
        .any(|own| path.contains(own));
    SCREENS.iter().any(|screen| path.contains(screen))
        || GATES.iter().any(|gate| path.starts_with(gate))
        || !own
            && CORE
                .iter()
                .any(|module| path.contains(&format!("{module}::")))
}

/// A demangled name without the digests of crates.
fn path(name: &str) -> String {
    let mut parts = name.split('[');
    let mut path = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((digest, rest)) if is_digest(digest) => path.push_str(rest),
            _ => {
                path.push('[');
                path.push_str(part);
            }
        }
    }
    path
}

/// A crate's digest has 64 bits, without leading zeros.
fn is_digest(text: &str) -> bool {
    text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_is_entered_through_gates() {
        assert!(is_gate("<shared[9b5cf2fd8d5830a5]::peer::Peer>::handle"));
        assert!(is_gate(
            "shared[9b5cf2fd8d5830a5]::identity::words::words_of_pair"
        ));
        assert!(!is_gate(
            "<shared[9b5cf2fd8d5830a5]::peer::view::Network as core[1]::cmp::PartialEq>::eq"
        ));
        assert!(!is_gate(
            "core[d3023b4e1161fe36]::ptr::drop_in_place::<shared[9b5cf2fd8d5830a5]::peer::Peer>"
        ));
    }

    #[test]
    fn the_framework_for_a_later_screen_comes_second() {
        let name = "<yew[30a6f6d69a98bb6d]::Scope<client_wasm[e66ebb1824e211b]::features::panes::Panes>>::run";
        assert!(serves_later(name));
        assert!(!serves_later(
            &name.replace("panes::Panes", "welcome::Welcome")
        ));
    }
}
