//! What stands in place of the composer while a contact is blocked.

use crate::engine::use_engine;
use crate::i18n::t;
use shared::base::id::ConversationId;
use shared::peer::command::Command;
use yew::prelude::*;

/// What [`Blocked`] is told.
#[derive(Properties, PartialEq)]
pub struct BlockedProps {
    /// The chat.
    pub id: ConversationId,
    /// Whose.
    pub name: AttrValue,
}

/// Draws a sentence and the way back.
#[component]
pub fn Blocked(props: &BlockedProps) -> Html {
    let engine = use_engine();
    let id = props.id;
    let onclick = Callback::from(move |_: MouseEvent| {
        // Fails only for a chat that has just gone, and then there is nothing to do.
        let _ = engine.command(Command::Unblock(id));
    });
    html! {
        <div class="composer blocked">
            <p class="soft">{ t::chat_blocked(&props.name) }</p>
            <button class="button" type="button" {onclick}>{ t::unblock(&props.name) }</button>
        </div>
    }
}
