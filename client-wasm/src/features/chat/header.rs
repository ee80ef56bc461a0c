//! The top of a chat: two avatars, the thread between them, and the path in words.

use crate::engine::use_view;
use crate::features::connection::{Details, path_words, thread};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::avatar::{Size, avatar};
use crate::ui::icon::Icon;
use shared::peer::view::OpenChat;
use std::rc::Rc;
use yew::prelude::*;

/// What [`Header`] is told.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// The chat.
    pub chat: Rc<OpenChat>,
}

/// Draws it. The thread opens the details.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let me = use_view(|view| view.me.clone());
    let details = use_state(|| false);
    let chat = &props.chat;
    let path = chat.connection.path;
    let before = use_mut_ref(|| path);
    let breathes = std::mem::replace(&mut *before.borrow_mut(), path) != path;
    let open = {
        let details = details.clone();
        Callback::from(move |_: MouseEvent| details.set(true))
    };
    let onclose = {
        let details = details.clone();
        Callback::from(move |()| details.set(false))
    };
    html! {
        <header class="bar chat-head">
            { back() }
            { avatar(&chat.persona.0, &chat.name, Size::Medium) }
            <div class="who">
                <h1>{ &chat.name }</h1>
                <p class="words" role="status" aria-label={t::connection()} data-path={path.as_str()}>
                    if chat.blocked {
                        { t::connection_blocked() }
                    } else {
                        { path_words(&chat.connection, &chat.name, chat.pending && chat.unheard.is_none()) }
                    }
                </p>
            </div>
            <button class="thread-button" type="button" aria-label={t::connection_details(&chat.name)} title={t::connection_details(&chat.name)} onclick={open}>
                { thread(path, breathes) }
                if let Some(me) = me {
                    { avatar(&me.persona.0, &me.name, Size::Small) }
                }
            </button>
            if *details {
                <Details chat={chat.clone()} {onclose} />
            }
        </header>
    }
}

/// The top of a chat that is not loaded yet, or does not exist.
#[component]
pub fn Empty() -> Html {
    html! { <header class="bar chat-head">{ back() }</header> }
}

fn back() -> Html {
    html! {
        <button class="icon-button back" type="button" aria-label={t::back()} onclick={|_| route::back("/")}>{ Icon::Back.draw() }</button>
    }
}
