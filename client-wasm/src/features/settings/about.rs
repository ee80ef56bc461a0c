//! What this page is and where it came from.

use crate::i18n::t;
use crate::platform::route;
use yew::prelude::*;

/// Version, license, origin.
#[component]
pub fn About() -> Html {
    html! {
        <>
            <dl class="card-box facts">
                <dt>{ t::about_version() }</dt><dd>{ env!("CARGO_PKG_VERSION") }</dd>
                <dt>{ t::about_license() }</dt><dd>{ t::about_license_text() }</dd>
                <dt>{ t::about_origin() }</dt><dd>{ route::page() }</dd>
            </dl>
            <p class="soft">{ t::about_note() }</p>
        </>
    }
}
