//! People who may not ask for now, and a way to let them.

use crate::engine::{use_engine, use_view};
use crate::i18n::t;
use shared::peer::command::Command;
use yew::prelude::*;

/// What [`Refused`] is told.
#[derive(Properties, PartialEq)]
pub struct RefusedProps {
    /// They may ask again, and the button goes.
    pub ondone: Callback<()>,
}

/// How many they are; nothing while there are none.
#[component]
pub fn Refused(props: &RefusedProps) -> Html {
    let engine = use_engine();
    let refused = use_view(|view| view.requests.refused);
    if refused == 0 {
        return Html::default();
    }
    let again = props.ondone.reform(move |_: MouseEvent| {
        // Fails never: it only forgets.
        let _ = engine.command(Command::LetAskAgain);
    });
    html! {
        <div class="row-between">
            <p class="note">{ t::requests_refused(u64::from(refused)) }</p>
            <button class="button" type="button" onclick={again}>{ t::requests_again() }</button>
        </div>
    }
}
