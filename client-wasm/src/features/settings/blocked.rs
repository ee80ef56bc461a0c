//! Contacts that are blocked, and the way back for each.

use crate::engine::{use_engine, use_view};
use crate::features::when;
use crate::i18n::t;
use crate::platform::input;
use crate::ui::avatar::{Size, avatar};
use shared::peer::command::Command;
use shared::peer::view::BlockedView;
use yew::prelude::*;

/// Draws the list.
#[component]
pub fn BlockedContacts() -> Html {
    let blocked = use_view(|view| view.blocked.clone());
    let engine = use_engine();
    let title = use_node_ref();
    let line = |blocked: &BlockedView| {
        let (engine, title, id) = (engine.clone(), title.clone(), blocked.conversation);
        let onclick = Callback::from(move |_: MouseEvent| {
            // Fails only for a chat that has just gone, and then there is nothing to do.
            let _ = engine.command(Command::Unblock(id));
            // The button goes; the keyboard stays here.
            input::focus(&title);
        });
        html! {
            <li class="line" key={u128::from_be_bytes(id.0)}>
                { avatar(&blocked.persona.0, &blocked.name, Size::Medium) }
                <div class="grow">
                    <div>{ &blocked.name }</div>
                    <div class="note">{ note(blocked) }</div>
                </div>
                <button class="button" type="button" aria-label={t::unblock(&blocked.name)} {onclick}>{ t::unblock_short() }</button>
            </li>
        }
    };
    html! {
        <section class="part">
            <h3 ref={title.clone()} tabindex="-1" id="blocked-contacts">{ t::blocked() }</h3>
            if blocked.is_empty() {
                <p class="soft">{ t::blocked_nobody() }</p>
            } else {
                <p class="soft">{ t::blocked_note() }</p>
                <ul class="card-box flat" role="list" aria-labelledby="blocked-contacts">{ for blocked.iter().map(line) }</ul>
            }
        </section>
    }
}

/// Since when, and how many supernodes refuse what they send.
fn note(blocked: &BlockedView) -> String {
    let since = t::blocked_since(&when::date(blocked.since));
    let (confirmed, homes) = (u64::from(blocked.confirmed), u64::from(blocked.homes));
    if confirmed >= homes {
        since
    } else {
        format!("{since} · {}", t::blocked_confirmed(confirmed, homes))
    }
}
