//! What is behind the thread, in plain words.

use super::block::BlockButton;
use super::thread::thread;
use crate::engine::{use_engine, use_view};
use crate::features::when;
use crate::i18n::t;
use crate::ui::avatar::{Size, avatar};
use crate::ui::dialog::Dialog;
use crate::ui::icon::Icon;
use shared::base::limits::KEEP_TTL_MAX;
use shared::peer::command::Command;
use shared::peer::view::{OpenChat, Path};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Details`] is told.
#[derive(Properties, PartialEq)]
pub struct DetailsProps {
    /// The chat.
    pub chat: Rc<OpenChat>,
    /// The person has seen enough.
    pub onclose: Callback<()>,
}

/// A dialog with the path, the supernode, the round trip, the encryption, what the other side can
/// see of my address, and the words to compare.
#[component]
pub fn Details(props: &DetailsProps) -> Html {
    let engine = use_engine();
    let id = props.chat.id;
    let (me, pinned, muted) = use_view(move |view| {
        let summary = view.chats.iter().find(|chat| chat.id == id);
        let flags = summary.map_or((false, false), |chat| (chat.pinned, chat.muted));
        (view.me.clone(), flags.0, flags.1)
    });
    let act = move |command: Command| {
        let engine = engine.clone();
        Callback::from(move |_: MouseEvent| {
            // Fails only for a chat that has just gone, and then there is nothing to do.
            let _ = engine.command(command.clone());
        })
    };
    let pin = act(Command::SetPinned(id, !pinned));
    let mute = act(Command::SetMuted(id, !muted));
    let chat = &props.chat;
    let connection = &chat.connection;
    let path = match connection.path {
        _ if chat.blocked => t::fact_path_blocked(&chat.name),
        Path::Direct => t::fact_path_direct().to_owned(),
        Path::Relayed => t::fact_path_relayed().to_owned(),
        Path::Supernode if connection.lacks_relay => t::fact_path_no_relay(&chat.name),
        Path::Supernode => t::fact_path_supernode(&chat.name),
        Path::Offline => t::fact_path_offline().to_owned(),
    };
    let encrypted = match connection.encrypted_since {
        Some(since) => t::fact_encrypted_since(&when::date(since)),
        None => t::fact_encrypted_soon(&chat.name),
    };
    let address = if connection.address_visible {
        t::fact_address_visible(&chat.name)
    } else {
        t::fact_address_hidden(&chat.name)
    };
    let kept = match connection.keep {
        Some(keep) => t::fact_kept_for(&chat.name, &when::span(keep)),
        None => t::fact_kept_most(&chat.name, &when::span(KEEP_TTL_MAX)),
    };
    html! {
        <Dialog title={t::connection_details(&chat.name)} onclose={props.onclose.clone()}>
            <div class="path-picture">
                { avatar(&chat.persona.0, &chat.name, Size::Large) }
                { thread(connection.path, false) }
                if let Some(me) = &me {
                    { avatar(&me.persona.0, &me.name, Size::Large) }
                }
            </div>
            <dl class="facts">
                { fact(t::fact_path(), path) }
                if let Some(via) = &connection.via {
                    { fact(t::fact_via(), via.clone()) }
                }
                if let Some(ms) = connection.rtt_ms {
                    { fact(t::fact_rtt(), t::fact_rtt_ms(u64::from(ms))) }
                }
                { fact(t::fact_kept(), kept) }
                { fact(t::fact_encrypted(), encrypted) }
                { fact(t::fact_address(), address) }
            </dl>
            { words(t::fact_words(), t::fact_words_note(), &chat.words) }
            <div class="actions">
                <button class="button" type="button" aria-pressed={pinned.to_string()} onclick={pin}>{ Icon::Pin.draw() }{ t::chat_pin() }</button>
                <button class="button" type="button" aria-pressed={muted.to_string()} onclick={mute}>{ Icon::Bell.draw() }{ t::chat_mute() }</button>
            </div>
            if !chat.pending {
                <BlockButton {id} name={chat.name.clone()} blocked={chat.blocked} />
            }
        </Dialog>
    }
}

fn fact(name: &'static str, text: String) -> Html {
    html! { <><dt>{ name }</dt><dd>{ text }</dd></> }
}

/// Short words to compare, with what they are for.
pub fn words(title: &'static str, note: impl Into<AttrValue>, words: &[&'static str]) -> Html {
    if words.is_empty() {
        return Html::default();
    }
    html! {
        <section class="part">
            <h3>{ title }</h3>
            <p class="note">{ note.into() }</p>
            <ol class="words-grid" role="list">{ for words.iter().map(|word| html! { <li>{ *word }</li> }) }</ol>
        </section>
    }
}
