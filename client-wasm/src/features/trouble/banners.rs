//! Lines above everything: what does not work right now, and that nothing is lost.

use crate::engine::{Storage, use_engine, use_notices, use_view};
use crate::i18n::t;
use crate::ui::icon::Icon;
use shared::peer::io::Notice;
use yew::prelude::*;

/// The banners, if there is a reason for any.
#[component]
pub fn Banners() -> Html {
    let engine = use_engine();
    let (offline, full, webrtc) = use_view(|view| {
        (
            view.browser_offline,
            view.storage == Storage::Full,
            view.webrtc,
        )
    });
    let webrtc_seen = use_state(|| false);
    let no_room = use_state(|| None);
    {
        let no_room = no_room.clone();
        use_notices(move |notice| {
            if let Notice::NoRoomForContact { name } = notice {
                no_room.set(Some(name.clone()));
            }
        });
    }
    let seen = {
        let no_room = no_room.clone();
        Callback::from(move |_: MouseEvent| no_room.set(None))
    };
    let retry = Callback::from(move |_: MouseEvent| engine.retry_storage());
    let dismiss = {
        let webrtc_seen = webrtc_seen.clone();
        Callback::from(move |_: MouseEvent| webrtc_seen.set(true))
    };
    html! {
        <div class="banners">
            if full {
                <div class="banner bad" role="alert">
                    { Icon::Warning.draw() }
                    <p>{ t::storage_full() }</p>
                    <button class="button" type="button" onclick={retry}>{ t::storage_retry() }</button>
                </div>
            }
            if offline {
                <div class="banner" role="note">{ Icon::Warning.draw() }<p>{ t::offline_banner() }</p></div>
            }
            if let Some(name) = &*no_room {
                <div class="banner" role="alert">
                    { Icon::Warning.draw() }
                    <p>{ t::contacts_no_room(name) }</p>
                    <button class="icon-button" type="button" aria-label={t::close()} onclick={seen}>{ Icon::Close.draw() }</button>
                </div>
            }
            if !webrtc && !*webrtc_seen {
                <div class="banner" role="note">
                    { Icon::Warning.draw() }
                    <p>{ t::no_webrtc() }</p>
                    <button class="icon-button" type="button" aria-label={t::close()} onclick={dismiss}>{ Icon::Close.draw() }</button>
                </div>
            }
        </div>
    }
}
