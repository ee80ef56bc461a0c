//! The devices that have my messages.

use crate::engine::use_view;
use crate::features::when;
use crate::i18n::t;
use shared::peer::view::DeviceView;
use yew::prelude::*;

/// Lists them.
#[component]
pub fn Devices() -> Html {
    let me = use_view(|view| view.me.clone());
    html! {
        <>
            <p class="soft">{ t::devices_note() }</p>
            <ul class="card-box flat" role="list">
                { for me.iter().flat_map(|me| &me.devices).map(device) }
            </ul>
        </>
    }
}

fn device(device: &DeviceView) -> Html {
    html! {
        <li class="line" key={device.short.clone()}>
            <div class="grow">
                <div>{ t::device_short(&device.short) }</div>
                <div class="note">{ t::device_since(&when::date(device.since)) }</div>
            </div>
            if device.this {
                <span class="tag">{ t::device_this() }</span>
            }
        </li>
    }
}
