//! The dialog for adding a contact: my link and its QR code, and a field for another's.

use super::link::{code_in, link};
use crate::engine::{use_engine, use_view};
use crate::features::route::invite;
use crate::features::trouble::words::{command_error, invite_error};
use crate::features::when;
use crate::i18n::t;
use crate::platform::{clipboard, input, route, share};
use crate::ui::dialog::Dialog;
use crate::ui::icon::Icon;
use crate::ui::qr;
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
    let copied = use_state(|| None::<bool>);
    let taken_back = use_state(|| None::<Result<(), CommandError>>);
    let field = use_node_ref();
    let link = link(&route::page(), &props.invite.code);
    let oncopy = {
        let (copied, field, link) = (copied.clone(), field.clone(), link.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, field) = (copied.clone(), field.clone());
            let done = Callback::from(move |worked: bool| {
                if !worked {
                    input::select(&field);
                }
                copied.set(Some(worked));
            });
            clipboard::copy(&link, done);
        })
    };
    let onshare = {
        let link = link.clone();
        Callback::from(move |_: MouseEvent| share::link(t::invite_share_title(), &link))
    };
    let ontakeback = {
        let (copied, taken_back) = (copied.clone(), taken_back.clone());
        Callback::from(move |_: MouseEvent| {
            copied.set(None);
            taken_back.set(Some(engine.command(Command::TakeBackInvites).map(drop)));
        })
    };
    let select = {
        let field = field.clone();
        Callback::from(move |_: FocusEvent| input::select(&field))
    };
    html! {
        <div class="invite">
            <div class="qr">{ qr::draw(&link, t::invite_qr().into()) }</div>
            <div class="steps">
                <div class="field">
                    <label for="my-link">{ t::invite_link() }</label>
                    <input ref={field} class="input" id="my-link" readonly=true value={link} onfocus={select} />
                </div>
                <div class="field">
                    <div class="row">
                        <button class="button primary" type="button" onclick={oncopy}>{ Icon::Copy.draw() }{ t::invite_copy() }</button>
                        if share::available() {
                            <button class="button" type="button" onclick={onshare}>{ Icon::Share.draw() }{ t::invite_share() }</button>
                        }
                    </div>
                    <p class="note" role="status">
                        { match *copied {
                            Some(true) => t::invite_copied().to_owned(),
                            Some(false) => t::invite_copy_failed().to_owned(),
                            None => t::invite_expires(&when::date(props.invite.expires)),
                        } }
                    </p>
                </div>
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
            </div>
        </div>
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
