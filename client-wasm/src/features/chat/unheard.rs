//! A first contact that nobody heard: what happened, and a way to try again.

use crate::engine::use_engine;
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::ui::icon::Icon;
use shared::peer::command::Command;
use shared::peer::view::{Obstacle, OpenChat};
use std::rc::Rc;
use yew::prelude::*;

/// What an [`Unheard`] is told.
#[derive(Properties, PartialEq)]
pub struct UnheardProps {
    /// The chat.
    pub chat: Rc<OpenChat>,
}

/// A line above the chat, while its first contact has come to nothing.
#[component]
pub fn Unheard(props: &UnheardProps) -> Html {
    let engine = use_engine();
    let refused = use_state(|| None);
    let chat = &props.chat;
    let Some(why) = chat.unheard else {
        return Html::default();
    };
    let words = match why {
        Obstacle::Expired if chat.public => t::chat_asks_expired(&chat.name),
        _ if chat.public => t::chat_asks_refused(&chat.name),
        Obstacle::Expired => t::chat_unheard_expired(&chat.name),
        _ => t::chat_unheard_refused(&chat.name),
    };
    let retry = {
        let (refused, id) = (refused.clone(), chat.id);
        Callback::from(move |_: MouseEvent| {
            refused.set(engine.command(Command::AskAgain(id)).err());
        })
    };
    html! {
        <div class="banner" role="alert">
            { Icon::Warning.draw() }
            <p>{ refused.as_ref().map_or(words, |error| command_error(error).to_owned()) }</p>
            <button class="button" type="button" onclick={retry}>{ t::chat_retry() }</button>
        </div>
    }
}
