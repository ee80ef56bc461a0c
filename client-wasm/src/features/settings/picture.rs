//! Me and my supernodes, and the threads between us.

use crate::i18n::t;
use crate::ui::avatar::{Size, avatar};
use shared::peer::view::{Me, Network, SupernodeState};
use yew::{Html, html};

/// More would not be told apart; they are still in the list below.
const DRAWN_MAX: usize = 5;
const ROW_HEIGHT: usize = 64;

/// Draws them: me on the left, each supernode on the right, a whole thread where it is connected.
pub fn picture(network: &Network, me: Option<&Me>) -> Html {
    let homes = &network.homes[..network.homes.len().min(DRAWN_MAX)];
    let height = homes.len().max(2) * ROW_HEIGHT;
    let middle = height / 2;
    let gap = (height - homes.len() * ROW_HEIGHT) / 2 + ROW_HEIGHT / 2;
    let nodes = homes.iter().enumerate().map(|(row, home)| {
        let y = gap + row * ROW_HEIGHT;
        let off = if home.state == SupernodeState::Connected { "" } else { "off" };
        let sag = (middle + y) / 2 + 18;
        html! {
            <>
                <path class={format!("wire {off}")} d={format!("M72 {middle}Q130 {sag} 184 {y}")} />
                <rect class={format!("node {off}")} x="184" y={(y - 18).to_string()} width="36" height="36" rx="11" />
                <path class={format!("wire {off}")} d={format!("M194 {}h16M194 {}h16", y - 5, y + 5)} />
                <text x="232" y={(y + 4).to_string()} text-anchor="start">{ &home.name }</text>
            </>
        }
    });
    html! {
        <svg class="net-picture" viewBox={format!("0 0 380 {height}")} role="img" aria-label={t::network_picture()}>
            { for nodes }
            if let Some(me) = me {
                <clipPath id="me-round"><circle cx="44" cy={middle.to_string()} r="28" /></clipPath>
                <g clip-path="url(#me-round)">
                    <svg x="16" y={(middle - 28).to_string()} width="56" height="56">{ avatar(&me.persona.0, &me.name, Size::Large) }</svg>
                </g>
            }
        </svg>
    }
}
