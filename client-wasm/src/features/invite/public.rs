//! The question that somebody's public address asks: first words, and that they decide.

use super::accept::AskProps;
use crate::engine::{use_engine, use_view};
use crate::features::route::{Pane, address};
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::{input, route};
use crate::ui::avatar::{Size, avatar};
use crate::ui::dialog::Dialog;
use crate::ui::icon::Icon;
use shared::peer::command::{Command, CommandError};
use shared::peer::io::Outcome;
use yew::prelude::*;

/// Draws the dialog.
#[component]
pub fn AskInPublic(props: &AskProps) -> Html {
    let engine = use_engine();
    let mine = use_view(|view| view.me.as_ref().map(|me| me.name.clone()));
    let error = use_state(|| None::<CommandError>);
    let field = use_node_ref();
    let them = &props.preview;
    let onsubmit = {
        let (code, error, field) = (props.code.to_string(), error.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let (code, words) = (code.clone(), input::value(&field));
            match engine.command(Command::Ask { code, words }) {
                Ok(Outcome::Chat(id)) => route::replace(&address(Pane::Chat(id))),
                Ok(_) => route::replace(&address(Pane::Home)),
                Err(refused) => {
                    error.set(Some(refused));
                    input::focus(&field);
                }
            }
        })
    };
    let not_now = props.leave.reform(|_: MouseEvent| ());
    html! {
        <Dialog title={t::ask_title(&them.name)} narrow=true onclose={props.leave.clone()}>
            <form class="accept" {onsubmit} novalidate=true>
                <div class="pair alone">{ avatar(&them.persona.0, &them.name, Size::Huge) }</div>
                <p>{ t::ask_decides(&them.name) }</p>
                <div class="field">
                    <label for="first-words">{ t::ask_words(&them.name) }</label>
                    <textarea ref={field} class="input" id="first-words" rows="3" autocapitalize="sentences"
                        aria-invalid={error.is_some().then_some("true")} aria-describedby={error.is_some().then_some("first-words-error")} />
                    if let Some(error) = &*error {
                        <p class="note error" id="first-words-error" role="alert">{ command_error(error) }</p>
                    }
                </div>
                <section class="part">
                    <h3>{ t::invite_will_see(&them.name) }</h3>
                    <ul class="seen-list" role="list">
                        <li>{ Icon::Eye.draw() }{ t::invite_sees_name(mine.as_deref().unwrap_or_default()) }</li>
                        <li>{ Icon::Eye.draw() }{ t::ask_sees_later() }</li>
                    </ul>
                </section>
                <p class="note">{ t::ask_work() }</p>
                <div class="actions">
                    <button class="button" type="button" onclick={not_now}>{ t::invite_not_now() }</button>
                    <button class="button primary" type="submit">{ t::ask_send() }</button>
                </div>
            </form>
        </Dialog>
    }
}
