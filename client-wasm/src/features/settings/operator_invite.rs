//! The invite of its operator that a supernode asks for.

use crate::engine::use_engine;
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::input;
use shared::base::id::NodeId;
use shared::peer::command::{Command, CommandError};
use yew::prelude::*;

/// What [`OperatorInvite`] is told.
#[derive(Properties, PartialEq)]
pub struct OperatorInviteProps {
    /// The supernode.
    pub node: NodeId,
    /// Its name.
    pub name: AttrValue,
}

/// A field and a button.
#[component]
pub fn OperatorInvite(props: &OperatorInviteProps) -> Html {
    let engine = use_engine();
    let field = use_node_ref();
    let error = use_state(|| None::<CommandError>);
    let node = props.node;
    let onsubmit = {
        let (field, error) = (field.clone(), error.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let token = input::value(&field);
            error.set(engine.command(Command::BringToken { node, token }).err());
        })
    };
    html! {
        <form class="field" {onsubmit} novalidate=true>
            <div class="row">
                <input ref={field} class="input" autocomplete="off" spellcheck="false" aria-label={t::network_token(&props.name)}
                    placeholder={t::network_token(&props.name)} aria-invalid={error.is_some().then_some("true")} />
                <button class="button" type="submit">{ t::network_token_show() }</button>
            </div>
            <p class="note error" role="status">{ error.as_ref().map(command_error) }</p>
        </form>
    }
}
