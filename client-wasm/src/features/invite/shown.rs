//! A link of mine: its QR code, and how it gets to others.

use super::link::link;
use crate::i18n::t;
use crate::platform::{clipboard, input, route, share};
use crate::ui::icon::Icon;
use crate::ui::qr;
use yew::prelude::*;

/// What a [`ShownLink`] is told.
#[derive(Properties, PartialEq)]
pub struct ShownLinkProps {
    /// Its field: two links can be on the page at once.
    pub id: AttrValue,
    /// What stands after `#/i/`.
    pub code: AttrValue,
    /// What the link is.
    pub label: AttrValue,
    /// What the QR code is.
    pub qr: AttrValue,
    /// Who can do what with it, and how long.
    pub note: AttrValue,
    /// What else there is to do.
    #[prop_or_default]
    pub children: Html,
}

/// Draws it.
#[component]
pub fn ShownLink(props: &ShownLinkProps) -> Html {
    // Which code was copied, and whether it worked.
    let copied = use_state(|| None::<(AttrValue, bool)>);
    let worked = copied.as_ref().filter(|(code, _)| *code == props.code);
    let worked = worked.map(|(_, worked)| *worked);
    let field = use_node_ref();
    let link = link(&route::page(), &props.code);
    let oncopy = {
        let (copied, field, link) = (copied.clone(), field.clone(), link.clone());
        let code = props.code.clone();
        Callback::from(move |_: MouseEvent| {
            let (copied, field, code) = (copied.clone(), field.clone(), code.clone());
            let done = Callback::from(move |worked: bool| {
                if !worked {
                    input::select(&field);
                }
                copied.set(Some((code.clone(), worked)));
            });
            clipboard::copy(&link, done);
        })
    };
    let onshare = {
        let link = link.clone();
        Callback::from(move |_: MouseEvent| share::link(t::invite_share_title(), &link))
    };
    let select = {
        let field = field.clone();
        Callback::from(move |_: FocusEvent| input::select(&field))
    };
    html! {
        <div class="invite">
            <div class="qr">{ qr::draw(&link, props.qr.clone()) }</div>
            <div class="steps">
                <div class="field">
                    <label for={&props.id}>{ &props.label }</label>
                    <input ref={field} class="input" id={&props.id} readonly=true value={link} onfocus={select} />
                </div>
                <div class="field">
                    <div class="row">
                        <button class="button primary" type="button" onclick={oncopy}>{ Icon::Copy.draw() }{ t::invite_copy() }</button>
                        if share::available() {
                            <button class="button" type="button" onclick={onshare}>{ Icon::Share.draw() }{ t::invite_share() }</button>
                        }
                    </div>
                    <p class="note" role="status">
                        { match worked {
                            Some(true) => t::invite_copied().into(),
                            Some(false) => t::invite_copy_failed().into(),
                            None => props.note.clone(),
                        } }
                    </p>
                </div>
                { props.children.clone() }
            </div>
        </div>
    }
}
