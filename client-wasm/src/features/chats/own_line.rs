//! How I am connected, below the list.

use crate::engine::use_view;
use crate::features::route::{Pane, Section, address};
use crate::i18n::t;
use crate::platform::route;
use shared::peer::view::{Network, Path, SupernodeState};
use yew::prelude::*;

/// What [`OwnLine`] is told.
#[derive(Properties, PartialEq)]
pub struct OwnLineProps {
    /// It is the page's connection status; else an open chat has a better one.
    pub speaks: bool,
}

/// Draws the line.
#[component]
pub fn OwnLine(props: &OwnLineProps) -> Html {
    let (network, offline) = use_view(|view| (view.network.clone(), view.browser_offline));
    let (path, class, words) = own_words(&network, offline);
    let status = if props.speaks {
        html! { <span role="status" aria-label={t::connection()} data-path={path.as_str()}>{ words }</span> }
    } else {
        html! { <span>{ words }</span> }
    };
    let to = address(Pane::Settings(Section::Network));
    let href = format!("#{to}");
    let onclick = Callback::from(move |event: MouseEvent| route::follow(&event, &to));
    html! {
        <a class="own-line" {href} {onclick}>
            <span class={classes!("dot", class)} />
            { status }
        </a>
    }
}

/// The path that my own messages have, the color of the dot, and the words.
fn own_words(network: &Network, offline: bool) -> (Path, &'static str, String) {
    let connected = network
        .homes
        .iter()
        .filter(|home| home.state == SupernodeState::Connected)
        .count() as u64;
    let connecting = network
        .homes
        .iter()
        .any(|home| home.state == SupernodeState::Connecting);
    if offline {
        (Path::Offline, "bad", t::own_offline().to_owned())
    } else if connected > 0 {
        (Path::Supernode, "good", t::own_connected(connected))
    } else if network.channels > 0 {
        (
            Path::Direct,
            "good",
            t::own_channels(u64::from(network.channels)),
        )
    } else if connecting || network.homes.is_empty() {
        (Path::Offline, "warn", t::own_connecting().to_owned())
    } else {
        (Path::Offline, "bad", t::own_unreachable().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::base::{id::NodeId, time::Timestamp};
    use shared::peer::view::SupernodeView;

    fn network(states: &[SupernodeState], channels: u32) -> Network {
        let home = |state| SupernodeView {
            node: NodeId([1; 32]),
            name: "box".into(),
            routes: Vec::new(),
            state,
            rtt_ms: None,
            since: None,
            held_back: None,
            forgets_blocks: false,
            has_token: false,
            relays: false,
        };
        Network {
            homes: states.iter().copied().map(home).collect(),
            channels,
            relays: 0,
        }
    }

    #[test]
    fn one_working_supernode_is_enough() {
        let states = [
            SupernodeState::Waiting(Timestamp(0)),
            SupernodeState::Connected,
        ];
        assert_eq!(own_words(&network(&states, 0), false).0, Path::Supernode);
    }

    #[test]
    fn a_friend_is_a_connection_too() {
        let states = [SupernodeState::Waiting(Timestamp(0))];
        assert_eq!(own_words(&network(&states, 1), false).0, Path::Direct);
        assert_eq!(own_words(&network(&states, 0), false).0, Path::Offline);
    }

    #[test]
    fn a_browser_that_is_offline_says_so_first() {
        assert_eq!(
            own_words(&network(&[SupernodeState::Connected], 1), true).0,
            Path::Offline
        );
    }
}
