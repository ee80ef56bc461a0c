//! My name and picture.

use crate::engine::{use_engine, use_view};
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::input;
use crate::ui::avatar::{Size, avatar};
use shared::peer::command::{Command, CommandError};
use yew::prelude::*;

/// Shows and changes the name.
#[component]
pub fn Profile() -> Html {
    let engine = use_engine();
    let me = use_view(|view| view.me.clone());
    let field = use_node_ref();
    let result = use_state(|| None::<Result<(), CommandError>>);
    let Some(me) = me else { return Html::default() };
    let onsubmit = {
        let (field, result) = (field.clone(), result.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let name = input::value(&field).trim().to_owned();
            result.set(Some(engine.command(Command::Rename { name }).map(drop)));
        })
    };
    let error = result.as_ref().and_then(|result| result.as_ref().err());
    html! {
        <form class="card-box" {onsubmit} novalidate=true>
            <div class="profile-top">
                { avatar(&me.persona.0, &me.name, Size::Huge) }
                <p class="note">{ t::profile_note() }</p>
            </div>
            <div class="field">
                <label for="my-name">{ t::your_name() }</label>
                <div class="row">
                    <input ref={field} class="input" id="my-name" autocomplete="nickname" maxlength="64" value={me.name.clone()}
                        aria-invalid={error.is_some().then_some("true")} aria-describedby="my-name-note" />
                    <button class="button" type="submit">{ t::profile_save() }</button>
                </div>
                <p class={classes!("note", error.map(|_| "error"))} id="my-name-note" role="status">
                    { match &*result {
                        Some(Ok(())) => t::profile_saved(),
                        Some(Err(error)) => command_error(error),
                        None => "",
                    } }
                </p>
            </div>
        </form>
    }
}
