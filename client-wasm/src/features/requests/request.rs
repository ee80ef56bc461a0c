//! One request: who says what, and what can be done about it.

use crate::engine::use_engine;
use crate::features::route::{Pane, address};
use crate::features::trouble::words::command_error;
use crate::features::when;
use crate::i18n::t;
use crate::platform::route;
use crate::ui::avatar::{Size, avatar};
use shared::peer::command::{Command, CommandError};
use shared::peer::io::Outcome;
use shared::peer::view::RequestView;
use yew::prelude::*;

/// What a [`Request`] is told.
#[derive(Properties, PartialEq)]
pub struct RequestProps {
    /// The request.
    pub request: RequestView,
    /// It was decided about, and goes.
    pub ondone: Callback<()>,
}

/// Draws it.
#[component]
pub fn Request(props: &RequestProps) -> Html {
    let engine = use_engine();
    let error = use_state(|| None::<CommandError>);
    let RequestView {
        persona,
        name,
        words,
        since,
    } = &props.request;
    let act = |command: Command| {
        let (engine, error, ondone) = (engine.clone(), error.clone(), props.ondone.clone());
        Callback::from(move |_: MouseEvent| match engine.command(command.clone()) {
            Ok(Outcome::Chat(id)) => route::replace(&address(Pane::Chat(id))),
            Ok(_) => ondone.emit(()),
            Err(refused) => error.set(Some(refused)),
        })
    };
    let note = t::request_unverified(&when::date(*since));
    html! {
        <li class="card-box" aria-label={name.clone()}>
            <div class="profile-top">
                { avatar(&persona.0, name, Size::Large) }
                <div class="grow">
                    <h2>{ name }</h2>
                    <p class="note">{ note }</p>
                </div>
            </div>
            <p class={classes!("request-words", words.is_none().then_some("soft"))}>{ words.as_deref().unwrap_or_else(|| t::request_no_words()) }</p>
            <div class="actions">
                <button class="button danger" type="button" aria-label={t::request_block(name)} onclick={act(Command::BlockRequest(*persona))}>{ t::request_block_short() }</button>
                <button class="button" type="button" aria-label={t::request_decline(name)} onclick={act(Command::DeclineRequest(*persona))}>{ t::request_decline_short() }</button>
                <button class="button primary" type="button" aria-label={t::request_accept(name)} onclick={act(Command::AcceptRequest(*persona))}>{ t::request_accept_short() }</button>
            </div>
            if let Some(error) = &*error {
                <p class="note error" role="alert">{ command_error(error) }</p>
            }
        </li>
    }
}
