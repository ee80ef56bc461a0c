//! Who learns what, plainly; whether my address is hidden, and whether strangers may ask; and who is blocked.

use super::always_relay::AlwaysRelay;
use super::blocked::BlockedContacts;
use super::public_address::PublicAddress;
use crate::i18n::t;
use yew::prelude::*;

/// Two switches, four facts, and a list.
#[component]
pub fn Privacy() -> Html {
    let facts = [
        (t::privacy_content(), t::privacy_content_text()),
        (t::privacy_supernode(), t::privacy_supernode_text()),
        (t::privacy_contact(), t::privacy_contact_text()),
        (t::privacy_storage(), t::privacy_storage_text()),
    ];
    html! {
        <>
            <AlwaysRelay />
            <PublicAddress />
            <div class="card-box">
                { for facts.into_iter().map(|(title, text)| html! {
                    <div><h3>{ title }</h3><p class="soft">{ text }</p></div>
                }) }
            </div>
            <BlockedContacts />
        </>
    }
}
