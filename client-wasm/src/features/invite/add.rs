//! The dialog for adding a contact: my link and its QR code, and a field for another's.

use super::link::code_in;
use super::shown::ShownLink;
use crate::engine::{use_engine, use_view};
use crate::features::route::invite;
use crate::features::trouble::words::{command_error, invite_error};
use crate::features::when;
use crate::i18n::t;
use crate::platform::{input, route};
use crate::ui::dialog::Dialog;
use shared::invite::InviteError;
use shared::peer::command::{Command, CommandError};
use shared::peer::view::InviteView;
use yew::prelude::*;

/// What [`AddContact`] is told.
#[derive(Properties, PartialEq)]
pub struct AddContactProps {
    /// The person has another's link ready.
    pub paste: bool,
}

/// Draws the dialog.
#[component]
pub fn AddContact(props: &AddContactProps) -> Html {
    let invite = use_view(|view| view.invite.clone());
    let onclose = Callback::from(|()| route::back("/"));
    html! {
        <Dialog title={t::add_contact()} focus_inside={props.paste} {onclose}>
            if let Some(invite) = invite {
                <MyInvite {invite} />
            } else {
                <p class="note" role="status">{ t::invite_preparing() }</p>
            }
            <p class="or">{ t::invite_or() }</p>
            <Paste first={props.paste} />
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct MyInviteProps {
    invite: InviteView,
}

#[component]
fn MyInvite(props: &MyInviteProps) -> Html {
    let engine = use_engine();
    let taken_back = use_state(|| None::<Result<(), CommandError>>);
    let ontakeback = {
        let taken_back = taken_back.clone();
        Callback::from(move |_: MouseEvent| {
            taken_back.set(Some(engine.command(Command::TakeBackInvites).map(drop)));
        })
    };
    html! {
        <ShownLink id="my-link" code={props.invite.code.clone()} label={t::invite_link()} qr={t::invite_qr()} note={t::invite_expires(&when::date(props.invite.expires))}>
            <div class="field">
                <button class="text-button" type="button" onclick={ontakeback}>{ t::invite_take_back() }</button>
                <p class={classes!("note", matches!(*taken_back, Some(Err(_))).then_some("error"))} role="status">
                    { match &*taken_back {
                        Some(Ok(())) => t::invite_taken_back(),
                        Some(Err(error)) => command_error(error),
                        None => t::invite_take_back_note(),
                    } }
                </p>
            </div>
        </ShownLink>
    }
}

#[derive(Properties, PartialEq)]
struct PasteProps {
    /// It gets the focus when the dialog opens.
    first: bool,
}

#[component]
fn Paste(props: &PasteProps) -> Html {
    let engine = use_engine();
    let field = use_node_ref();
    let error = use_state(|| None::<InviteError>);
    let onsubmit = {
        let (field, error) = (field.clone(), error.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let pasted = input::value(&field);
            match engine.preview(pasted.trim()) {
                Ok(_) => route::replace(&invite(code_in(&pasted))),
                Err(refused) => {
                    error.set(Some(refused));
                    input::focus(&field);
                }
            }
        })
    };
    html! {
        <form class="field" {onsubmit} novalidate=true>
            <label for="their-link">{ t::invite_paste() }</label>
            <div class="row">
                <input ref={field} class="input" id="their-link" autofocus={props.first} autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go"
                    aria-invalid={error.is_some().then_some("true")} aria-describedby={error.is_some().then_some("their-link-error")} />
                <button class="button" type="submit">{ t::invite_connect() }</button>
            </div>
            if let Some(error) = &*error {
                <p class="note error" id="their-link-error" role="alert">{ invite_error(*error) }</p>
            }
        </form>
    }
}
