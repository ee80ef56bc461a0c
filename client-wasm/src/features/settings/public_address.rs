//! Whether anybody may ask to be let in, by which link, what it costs them, and who may not.

use crate::engine::{use_engine, use_view};
use crate::features::invite::ShownLink;
use crate::features::requests::Refused;
use crate::i18n::t;
use crate::platform::input;
use shared::peer::command::Command;
use shared::peer::view::PublicView;
use yew::prelude::*;

/// Work that can be chosen, in bits: about a second of a phone, ten seconds, a minute or more.
const PRICES: [u8; 3] = [18, 21, 24];

/// A switch, and while it is on a link and a price; and who was refused, even while it is off.
#[component]
pub fn PublicAddress() -> Html {
    let engine = use_engine();
    let public = use_view(|view| view.requests.public.clone());
    let bits = public.as_ref().map_or(0, |public| public.work_bits);
    let [cheap, ..] = PRICES;
    let open = {
        let engine = engine.clone();
        Callback::from(move |work_bits| {
            // Fails only where nobody is yet, and there this is not shown.
            let _ = engine.command(Command::OpenTo { work_bits });
        })
    };
    let onchange = open.reform(move |_: Event| if bits == 0 { cheap } else { 0 });
    let choose = open.reform(|event: Event| input::chosen(&event).parse().unwrap_or(PRICES[0]));
    // The button that was pressed goes; the keyboard stays here.
    let switch = use_node_ref();
    let ondone = {
        let switch = switch.clone();
        Callback::from(move |()| input::focus(&switch))
    };
    html! {
        <div class="card-box">
            <div>
                <label class="toggle">
                    <input ref={switch} type="checkbox" role="switch" checked={bits > 0} {onchange} aria-describedby="public-address" />
                    <span>{ t::public_address() }</span>
                </label>
                <div id="public-address">
                    <p class="soft">{ t::public_address_text() }</p>
                    if let Some(public) = &public {
                        <p class="note" role="status">{ state(public) }</p>
                    }
                </div>
            </div>
            if let Some(public) = public.as_ref().filter(|public| public.work_bits > 0) {
                <ShownLink id="public-link" code={public.code.clone()} label={t::public_link()} qr={t::public_qr()} note={t::public_link_note()} />
                <fieldset onchange={choose}>
                    <legend>{ t::public_price() }</legend>
                    <div class="choice">
                        { for PRICES.into_iter().map(|price| html! {
                            <label>
                                <input type="radio" name="price" value={price.to_string()} checked={price == bits} />
                                <span>{ words(price) }</span>
                            </label>
                        }) }
                    </div>
                    <p class="note">{ t::public_price_note() }</p>
                </fieldset>
            }
            <Refused {ondone} />
        </div>
    }
}

fn words(price: u8) -> &'static str {
    match price {
        18 => t::public_price_low(),
        21 => t::public_price_middle(),
        _ => t::public_price_high(),
    }
}

/// What the supernodes know of it.
fn state(public: &PublicView) -> String {
    let (confirmed, homes) = (u64::from(public.confirmed), u64::from(public.homes));
    let older = u64::from(public.older);
    let known = confirmed + older;
    let open = match (public.work_bits, known < homes) {
        // An older version never takes any.
        (0, true) => return t::public_closing(known, homes),
        (0, false) => return t::public_closed().to_owned(),
        (_, true) => t::public_opening(confirmed, homes),
        (_, false) if older == 0 => t::public_open().to_owned(),
        (_, false) => t::public_part(confirmed, homes),
    };
    match older {
        0 => open,
        _ => format!("{open} {}", t::public_older(older)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::peer::requests::{PUBLIC_BITS_MAX, PUBLIC_BITS_MIN};

    #[test]
    fn it_is_closed_only_when_every_supernode_has_said_so() {
        let public = |confirmed| PublicView {
            code: String::new(),
            work_bits: 0,
            confirmed,
            older: 0,
            homes: 2,
        };
        assert_eq!(state(&public(2)), t::public_closed());
        assert!(state(&public(1)).contains('1'));
    }

    #[test]
    fn no_supernode_of_an_older_version_is_waited_for() {
        let public = |work_bits, confirmed| PublicView {
            code: String::new(),
            work_bits,
            confirmed,
            older: 1,
            homes: 2,
        };
        assert_eq!(state(&public(0, 1)), t::public_closed());
        let older = t::public_older(1);
        let settled = format!("{} {older}", t::public_part(1, 2));
        assert_eq!(state(&public(18, 1)), settled);
        let under_way = format!("{} {older}", t::public_opening(0, 2));
        assert_eq!(state(&public(18, 0)), under_way);
    }

    #[test]
    fn every_price_may_be_asked() {
        for price in PRICES {
            assert!((PUBLIC_BITS_MIN..=PUBLIC_BITS_MAX).contains(&price));
        }
    }
}
