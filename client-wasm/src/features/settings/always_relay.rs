//! Whether channels go through relays only.

use crate::engine::{use_engine, use_view};
use crate::i18n::t;
use shared::peer::command::Command;
use yew::prelude::*;

/// A switch, and what comes of it here and now.
#[component]
pub fn AlwaysRelay() -> Html {
    let engine = use_engine();
    let (on, relays) = use_view(|view| {
        let on = view.me.as_ref().is_some_and(|me| me.always_relay);
        (on, view.network.relays)
    });
    let onchange = Callback::from(move |_: Event| {
        // Fails only where nobody is yet, and there this is not shown.
        let _ = engine.command(Command::SetAlwaysRelay(!on));
    });
    html! {
        <div class="card-box">
            <div>
                <label class="toggle">
                    <input type="checkbox" role="switch" checked={on} {onchange} aria-describedby="always-relay" />
                    <span>{ t::always_relay() }</span>
                </label>
                <div id="always-relay">
                    <p class="soft">{ t::always_relay_text() }</p>
                    <p class={if on && relays == 0 { "note error" } else { "note" }}>{ state(on, relays) }</p>
                </div>
            </div>
        </div>
    }
}

fn state(on: bool, relays: u32) -> String {
    match (on, relays) {
        (true, 0) => t::always_relay_none().to_owned(),
        (false, 0) => t::always_relay_would_be_none().to_owned(),
        _ => t::always_relay_count(u64::from(relays)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_relay_it_is_said_how_messages_travel() {
        assert!(state(true, 0).contains("by mailbox"));
        assert!(state(false, 0).contains("would"));
        assert_eq!(state(true, 1), "One of your supernodes offers a relay.");
    }
}
