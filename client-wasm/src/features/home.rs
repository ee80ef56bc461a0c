//! The wide pane when no chat is open: three ways to start, or a calm word.

use crate::features::route;
use crate::i18n::t;
use crate::platform::route::push;
use crate::ui::icon::Icon;
use crate::ui::mark::mark;
use yew::prelude::*;

/// What [`Home`] is told.
#[derive(Properties, PartialEq)]
pub struct HomeProps {
    /// There is no chat at all.
    pub nobody: bool,
}

/// Draws it.
#[component]
pub fn Home(props: &HomeProps) -> Html {
    if !props.nobody {
        return html! {
            <div class="home">
                <div>
                    <div>
                        { mark() }
                        <h2>{ t::home_pick() }</h2>
                        <p class="lead">{ t::home_pick_lead() }</p>
                    </div>
                </div>
            </div>
        };
    }
    html! {
        <div class="home">
            <div>
                <div>
                    { mark() }
                    <h2>{ t::home_nobody() }</h2>
                    <p class="lead">{ t::home_nobody_lead() }</p>
                </div>
                <div class="ways">
                    { way(Icon::Link, t::home_share(), t::home_share_note(), route::ADD) }
                    { way(Icon::Qr, t::home_qr(), t::home_qr_note(), route::ADD) }
                    { way(Icon::PersonPlus, t::home_paste(), t::home_paste_note(), route::PASTE) }
                </div>
            </div>
        </div>
    }
}

/// All three lead to one dialog, which has the link, the code and the field together.
fn way(icon: Icon, title: &'static str, note: &'static str, to: &'static str) -> Html {
    html! {
        <button class="way" type="button" onclick={move |_| push(to)}>
            <span class="disc">{ icon.draw() }</span>
            <strong>{ title }</strong>
            <span class="note">{ note }</span>
        </button>
    }
}
