//! Says new messages to assistive technology: one at a time, politely, and only those that come in
//! while the page is open. The timeline itself stays silent.

use crate::engine::use_notices;
use crate::i18n::t;
use shared::peer::io::Notice;
use yew::prelude::*;

/// A hidden live region.
#[component]
pub fn Announcer() -> Html {
    let said = use_state(String::new);
    {
        let said = said.clone();
        use_notices(move |notice| match notice {
            Notice::Incoming {
                name,
                text,
                muted: false,
                ..
            } => {
                said.set(t::chats_new_message(name, text));
            }
            Notice::Contact { name, .. } => said.set(t::chats_new_contact(name)),
            Notice::Request { name } => said.set(t::requests_new(name)),
            Notice::Unheard { name, .. } => said.set(t::chats_unheard(name)),
            Notice::NoRoomForContact { .. } | Notice::Incoming { .. } | Notice::Changed(_) => {}
        });
    }
    html! { <div class="unseen" aria-live="polite">{ &*said }</div> }
}
