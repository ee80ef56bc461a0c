//! What somebody's public address says to whom they have asked already.

use crate::features::route::{Pane, address};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::avatar::{Size, avatar};
use crate::ui::dialog::Dialog;
use shared::peer::view::RequestView;
use yew::prelude::*;

/// What [`WaitsForMe`] is told.
#[derive(Properties, PartialEq)]
pub struct WaitsForMeProps {
    /// Their request.
    pub request: RequestView,
    /// Not now.
    pub leave: Callback<()>,
}

/// Draws the dialog: it is for me to answer.
#[component]
pub fn WaitsForMe(props: &WaitsForMeProps) -> Html {
    let RequestView { persona, name, .. } = &props.request;
    let not_now = props.leave.reform(|_: MouseEvent| ());
    let see = |_: MouseEvent| route::replace(&address(Pane::Requests));
    html! {
        <Dialog title={t::ask_waits(name)} narrow=true onclose={props.leave.clone()}>
            <div class="accept">
                <div class="pair alone">{ avatar(&persona.0, name, Size::Huge) }</div>
                <p>{ t::ask_waits_text(name) }</p>
                <div class="actions">
                    <button class="button" type="button" onclick={not_now}>{ t::invite_not_now() }</button>
                    <button class="button primary" type="button" onclick={see}>{ t::ask_waits_open() }</button>
                </div>
            </div>
        </Dialog>
    }
}
