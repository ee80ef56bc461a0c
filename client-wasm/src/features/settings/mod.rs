//! The settings, one section at a time.

mod about;
mod always_relay;
mod appearance;
mod blocked;
mod devices;
mod network;
mod operator_invite;
mod picture;
mod privacy;
mod profile;
mod public_address;

use crate::features::route::{Pane, Section, address};
use crate::i18n::t;
use crate::platform::route;
use crate::ui::icon::Icon;
use yew::prelude::*;

/// What [`Settings`] is told.
#[derive(Properties, PartialEq)]
pub struct SettingsProps {
    /// The section to show.
    pub section: Section,
    /// The person chose another language.
    pub onlanguage: Callback<()>,
}

/// Draws a section, and the way to the others.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let panel = match props.section {
        Section::Profile => html! { <profile::Profile /> },
        Section::Devices => html! { <devices::Devices /> },
        Section::Privacy => html! { <privacy::Privacy /> },
        Section::Network => html! { <network::NetworkPanel /> },
        Section::Appearance => {
            html! { <appearance::Appearance onlanguage={props.onlanguage.clone()} /> }
        }
        Section::About => html! { <about::About /> },
    };
    html! {
        <>
            <header class="bar">
                <button class="icon-button back" type="button" aria-label={t::back()} onclick={|_| route::back("/")}>{ Icon::Back.draw() }</button>
                <h1 class="grow">{ t::settings() }</h1>
                <button class="icon-button leave" type="button" aria-label={t::close()} onclick={|_| route::replace("/")}>{ Icon::Close.draw() }</button>
            </header>
            <nav class="settings-nav" aria-label={t::settings_sections()}>
                { for Section::ALL.into_iter().map(|section| link(section, section == props.section)) }
            </nav>
            <div class="settings" tabindex="0">
                <section class="panel" aria-label={title(props.section)} key={section_key(props.section)}>
                    <h2>{ title(props.section) }</h2>
                    { panel }
                </section>
            </div>
        </>
    }
}

/// Sections replace one another in the history, so that "back" leaves the settings at once.
fn link(section: Section, open: bool) -> Html {
    let to = address(Pane::Settings(section));
    let href = format!("#{to}");
    let onclick = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        route::replace(&to);
    });
    html! { <a {href} {onclick} aria-current={open.then_some("page")}>{ title(section) }</a> }
}

fn section_key(section: Section) -> u32 {
    section as u32
}

fn title(section: Section) -> &'static str {
    match section {
        Section::Profile => t::profile(),
        Section::Devices => t::devices(),
        Section::Privacy => t::privacy(),
        Section::Network => t::network(),
        Section::Appearance => t::appearance(),
        Section::About => t::about(),
    }
}
