//! My supernodes: as a picture, and one by one.

use super::picture::picture;
use crate::engine::use_view;
use crate::features::when::clock;
use crate::i18n::t;
use shared::peer::view::{SupernodeState, SupernodeView};
use yew::prelude::*;

/// Draws the section.
#[component]
pub fn NetworkPanel() -> Html {
    let (network, me) = use_view(|view| (view.network.clone(), view.me.clone()));
    html! {
        <>
            <p class="soft">{ t::network_note() }</p>
            if network.homes.is_empty() {
                <p class="card-box">{ t::network_none() }</p>
            } else {
                <div class="card-box">{ picture(&network, me.as_deref()) }</div>
                <ul class="card-box flat" role="list">{ for network.homes.iter().map(home) }</ul>
            }
            <p class="soft">{ t::network_channels(u64::from(network.channels)) }</p>
        </>
    }
}

fn home(home: &SupernodeView) -> Html {
    let (tag, class, note) = match home.state {
        SupernodeState::Connected => {
            let since = home.since.map(|since| t::network_since(&clock(since)));
            let rtt = home.rtt_ms.map(|ms| t::network_ms(u64::from(ms)));
            let note: Vec<String> = since.into_iter().chain(rtt).collect();
            (t::network_connected(), "", Some(note.join(" · ")))
        }
        SupernodeState::Connecting => (t::network_connecting(), "warn", None),
        SupernodeState::Waiting(until) => (
            t::network_waiting(),
            "warn",
            Some(t::network_again(&clock(until))),
        ),
        SupernodeState::WrongKey => (
            t::network_waiting(),
            "bad",
            Some(t::network_wrong_key().to_owned()),
        ),
        SupernodeState::Incompatible => (
            t::network_waiting(),
            "bad",
            Some(t::network_incompatible().to_owned()),
        ),
    };
    html! {
        <li class="line" key={home.node.to_text()}>
            <div class="grow">
                <div>{ &home.name }</div>
                { for note.map(|note| html! { <div class="note">{ note }</div> }) }
                if !home.routes.is_empty() {
                    <details class="routes">
                        <summary>{ t::network_details() }</summary>
                        { for home.routes.iter().map(|route| html! { <div class="note">{ route }</div> }) }
                    </details>
                }
            </div>
            <span class={classes!("tag", class)}>{ tag }</span>
        </li>
    }
}
