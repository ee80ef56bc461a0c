//! The question an opened invite asks: who it is, words to compare, what they will see.

use super::public::AskInPublic;
use super::waits::WaitsForMe;
use crate::engine::{use_engine, use_view};
use crate::features::connection::{thread, words};
use crate::features::route::{self as routes, Pane, address};
use crate::features::trouble::words::{command_error, invite_error};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::avatar::{Size, avatar};
use crate::ui::dialog::Dialog;
use crate::ui::icon::Icon;
use shared::base::id::PersonaId;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::Outcome;
use shared::peer::view::{InvitePreview, Path};
use yew::prelude::*;

/// What [`Accept`] is told.
#[derive(Properties, PartialEq)]
pub struct AcceptProps {
    /// What stands after `#/i/`.
    pub code: AttrValue,
}

/// Draws the dialog.
#[component]
pub fn Accept(props: &AcceptProps) -> Html {
    let engine = use_engine();
    let requests = use_view(|view| view.requests.clone());
    let leave = Callback::from(|()| route::back(&address(Pane::Home)));
    let waits = |them: PersonaId| {
        let mut waiting = requests.waiting.iter();
        waiting.find(move |request| request.persona == them)
    };
    match engine.preview(&props.code) {
        Ok(preview) if preview.public && !preview.known => match waits(preview.persona).cloned() {
            Some(request) => html! { <WaitsForMe {request} {leave} /> },
            None => html! { <AskInPublic code={props.code.clone()} {preview} {leave} /> },
        },
        Ok(preview) => html! { <Ask code={props.code.clone()} {preview} {leave} /> },
        Err(error) => html! {
            <Dialog title={t::invite_trouble()} narrow=true onclose={leave.clone()}>
                <p>{ invite_error(error) }</p>
                <div class="actions">
                    <button class="button" type="button" onclick={|_| route::replace(routes::ADD)}>{ t::add_contact() }</button>
                    <button class="button primary" type="button" onclick={leave.reform(|_: MouseEvent| ())}>{ t::close() }</button>
                </div>
            </Dialog>
        },
    }
}

/// What a question about an invite is told.
#[derive(Properties, PartialEq)]
pub struct AskProps {
    /// What stands after `#/i/`.
    pub code: AttrValue,
    /// Whose it is.
    pub preview: InvitePreview,
    /// Not now.
    pub leave: Callback<()>,
}

#[component]
fn Ask(props: &AskProps) -> Html {
    let engine = use_engine();
    let me = use_view(|view| view.me.clone());
    let error = use_state(|| None::<CommandError>);
    let them = &props.preview;
    let accept = {
        let (code, error) = (props.code.to_string(), error.clone());
        Callback::from(move |_: MouseEvent| {
            match engine.command(Command::AcceptInvite { code: code.clone() }) {
                Ok(Outcome::Chat(id)) => route::replace(&address(Pane::Chat(id))),
                Ok(_) => route::replace(&address(Pane::Home)),
                Err(refused) => error.set(Some(refused)),
            }
        })
    };
    let not_now = props.leave.reform(|_: MouseEvent| ());
    let mine = me.as_ref().map(|me| me.name.as_str()).unwrap_or_default();
    html! {
        <Dialog title={t::invite_accept(&them.name)} narrow=true onclose={props.leave.clone()}>
            <div class="accept">
                <div class="pair">
                    { avatar(&them.persona.0, &them.name, Size::Huge) }
                    { thread(Path::Supernode, false) }
                    if let Some(me) = &me {
                        { avatar(&me.persona.0, &me.name, Size::Huge) }
                    }
                </div>
                if them.known {
                    <p>{ t::invite_known(&them.name) }</p>
                } else {
                    { words(t::invite_words(), t::invite_words_note(&them.name), &them.words) }
                    <section class="part">
                        <h3>{ t::invite_will_see(&them.name) }</h3>
                        <ul class="seen-list" role="list">
                            <li>{ Icon::Eye.draw() }{ t::invite_sees_name(mine) }</li>
                            <li>{ Icon::Eye.draw() }{ t::invite_sees_online() }</li>
                            <li>{ Icon::Eye.draw() }{ t::invite_sees_address() }</li>
                        </ul>
                    </section>
                }
                if let Some(error) = &*error {
                    <p class="note error" role="alert">{ command_error(error) }</p>
                }
                <div class="actions">
                    <button class="button" type="button" onclick={not_now}>{ t::invite_not_now() }</button>
                    <button class="button primary" type="button" onclick={accept}>{ if them.known { t::invite_open_chat() } else { t::invite_connect() } }</button>
                </div>
            </div>
        </Dialog>
    }
}
