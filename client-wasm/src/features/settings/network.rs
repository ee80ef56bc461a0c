//! My supernodes: as a picture, and one by one.

use super::operator_invite::OperatorInvite;
use super::picture::picture;
use crate::engine::use_view;
use crate::features::when::clock;
use crate::i18n::t;
use shared::gates::work::WORK_BITS_MAX;
use shared::peer::io::Trouble;
use shared::peer::view::{HeldBack, RouteProblem, RouteView, SupernodeState, SupernodeView};
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
        SupernodeState::NoRoom => (
            t::network_waiting(),
            "bad",
            Some(t::network_no_room().to_owned()),
        ),
        SupernodeState::Gate(gates) if gates.invite && home.has_token => (
            t::network_waiting(),
            "bad",
            Some(t::network_gate_invite_refused().to_owned()),
        ),
        SupernodeState::Gate(gates) if gates.invite => (
            t::network_waiting(),
            "warn",
            Some(t::network_gate_invite().to_owned()),
        ),
        SupernodeState::Gate(gates) if gates.work_bits > WORK_BITS_MAX => (
            t::network_waiting(),
            "bad",
            Some(t::network_gate_too_much().to_owned()),
        ),
        SupernodeState::Gate(_) => (
            t::network_connecting(),
            "warn",
            Some(t::network_gate_work().to_owned()),
        ),
    };
    let asks = matches!(home.state, SupernodeState::Gate(gates) if gates.invite);
    html! {
        <li class="line" key={home.node.to_text()}>
            <div class="grow">
                <div>{ &home.name }</div>
                { for note.map(|note| html! { <div class="note">{ note }</div> }) }
                { for home.held_back.map(|held| html! { <div class="note error">{ held_words(&held) }</div> }) }
                if home.relays {
                    <div class="note">{ t::network_relays() }</div>
                }
                if home.forgets_blocks {
                    <div class="note error">{ t::network_forgets_blocks() }</div>
                }
                if asks {
                    <OperatorInvite node={home.node} name={home.name.clone()} />
                }
                if !home.routes.is_empty() {
                    <details class="routes">
                        <summary>{ t::network_details() }</summary>
                        <ul role="list">{ for home.routes.iter().map(route) }</ul>
                    </details>
                }
            </div>
            <span class={classes!("tag", class)}>{ tag }</span>
        </li>
    }
}

fn route(route: &RouteView) -> Html {
    let name = match (route.is_direct, route.host.as_str()) {
        (_, "") => route.text.clone(),
        (true, host) => t::network_route_direct(host),
        (false, host) => t::network_route_websocket(host),
    };
    let state = match (route.in_use, route.problem) {
        (true, _) => t::network_route_in_use(),
        (false, Some(problem)) => problem_words(problem),
        (false, None) => t::network_route_spare(),
    };
    html! {
        <li class="route" key={route.text.clone()} title={route.text.clone()}>
            <span class="note">{ name }</span>
            <span class={classes!("note", route.in_use.then_some("good"))}>{ state }</span>
        </li>
    }
}

fn problem_words(problem: RouteProblem) -> &'static str {
    match problem {
        RouteProblem::Trouble(Trouble::NoAnswer) => t::network_route_no_answer(),
        RouteProblem::Trouble(Trouble::NotBegun) => t::network_route_not_begun(),
        RouteProblem::Trouble(Trouble::OtherCertificate) => t::network_route_other_certificate(),
        RouteProblem::Trouble(Trouble::Unable) => t::network_route_unable(),
        RouteProblem::WrongKey => t::network_route_wrong_key(),
        RouteProblem::Refused => t::network_route_refused(),
    }
}

/// One contact alone may be mistaken or lie, so it stays their word.
fn held_words(held: &HeldBack) -> String {
    let messages = u64::from(held.messages);
    if held.contacts > 1 {
        t::network_held_back(messages)
    } else {
        t::network_held_back_said(messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_contact_s_word_is_told_as_such() {
        let mut held = HeldBack {
            messages: 1,
            contacts: 1,
        };
        assert_eq!(
            held_words(&held),
            "According to one contact, this supernode held back a message. It came another way."
        );
        (held.messages, held.contacts) = (3, 2);
        assert_eq!(
            held_words(&held),
            "This supernode held back 3 messages. They came another way."
        );
    }
}
