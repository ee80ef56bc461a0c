//! An open chat: who it is with and how it travels, what was said, what to say.

mod asks;
mod blocked;
mod composer;
mod group;
mod header;
mod message;
mod parts;
mod text;
mod timeline;
mod unheard;
mod why;

use crate::engine::{use_engine, use_view};
use asks::Asks;
use blocked::Blocked;
use composer::Composer;
pub use composer::Drafts;
use header::Header;
use shared::base::id::ConversationId;
use shared::peer::command::Command;
use timeline::Timeline;
use unheard::Unheard;
use yew::prelude::*;

/// What [`Chat`] is told.
#[derive(Properties, PartialEq)]
pub struct ChatProps {
    /// Which. Another one is another component: give it as the key too.
    pub id: ConversationId,
    /// What was typed in chats and not sent.
    pub drafts: Drafts,
}

/// Opens the chat, draws it, and closes it when it is left.
#[component]
pub fn Chat(props: &ChatProps) -> Html {
    let engine = use_engine();
    let id = props.id;
    let chat = use_view(move |view| view.chat.clone().filter(|chat| chat.id == id));
    let sent = use_state(|| 0_u32);
    use_effect_with(id, move |&id| {
        // A chat that does not exist stays unopened, and the pane empty but for the way back.
        let _ = engine.command(Command::OpenChat(id));
        move || {
            let _ = engine.command(Command::CloseChat);
        }
    });
    let onsent = {
        let sent = sent.clone();
        Callback::from(move |()| sent.set(*sent + 1))
    };
    let Some(chat) = chat else {
        return html! { <header::Empty /> };
    };
    html! {
        <div class="chat">
            <Header chat={chat.clone()} />
            <Asks chat={chat.clone()} />
            <Unheard chat={chat.clone()} />
            <Timeline chat={chat.clone()} sent={*sent} />
            if chat.blocked {
                <Blocked {id} name={chat.name.clone()} />
            } else {
                <Composer {id} drafts={props.drafts.clone()} {onsent} />
            }
        </div>
    }
}
