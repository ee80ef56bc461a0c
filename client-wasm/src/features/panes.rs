//! Two panes on a desktop, one on a phone; dialogs over them.

use crate::engine::use_view;
use crate::features::announcer::Announcer;
use crate::features::chat::{Chat, Drafts};
use crate::features::chats::Side;
use crate::features::home::Home;
use crate::features::invite::{Accept, AddContact};
use crate::features::requests::Requests;
use crate::features::route::{Over, Pane, Route};
use crate::features::settings::Settings;
use crate::features::trouble::banners::Banners;
use crate::platform::shell;
use yew::prelude::*;

/// What [`Panes`] is told.
#[derive(Properties, PartialEq)]
pub struct PanesProps {
    /// Where the person is.
    pub route: Route,
    /// The person chose another language.
    pub onlanguage: Callback<()>,
}

/// Draws the panes.
#[component]
pub fn Panes(props: &PanesProps) -> Html {
    let drafts = use_state(Drafts::default);
    let nobody = use_view(|view| view.chats.is_empty());
    let asked = props.route.pane;
    let pane = use_view(move |view| match asked {
        // Perhaps an old bookmark.
        Pane::Chat(id) if !view.chats.iter().any(|chat| chat.id == id) => Pane::Home,
        pane => pane,
    });
    use_effect_with((), |()| shell::set_known(true));
    let shown = match pane {
        Pane::Home if nobody => "both",
        Pane::Home => "side",
        _ => "main",
    };
    let main = match pane {
        Pane::Home => html! { <Home {nobody} /> },
        Pane::Chat(id) => {
            html! { <Chat key={u128::from_be_bytes(id.0)} {id} drafts={(*drafts).clone()} /> }
        }
        Pane::Requests => html! { <Requests /> },
        Pane::Settings(section) => {
            html! { <Settings {section} onlanguage={props.onlanguage.clone()} /> }
        }
    };
    let over = match &props.route.over {
        None => Html::default(),
        Some(Over::Add { paste }) => html! { <AddContact paste={*paste} /> },
        Some(Over::Accept(code)) => html! { <Accept key={code.clone()} code={code.clone()} /> },
    };
    html! {
        <>
            <main class="panes" data-pane={shown}>
                <Banners />
                <Side {pane} />
                <div class="main">{ main }</div>
            </main>
            { over }
            <Announcer />
        </>
    }
}
