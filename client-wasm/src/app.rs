//! The whole page.

use crate::engine::{EngineHandle, Phase, use_view};
use crate::features::panes::Panes;
use crate::features::route::Route;
use crate::features::trouble::full_page::{Failed, NoStorage, OtherTab};
use crate::features::welcome::Welcome;
use crate::i18n::{Language, set_language};
use crate::platform::{appearance, route, shell, shell::Shell, viewport};
use yew::prelude::*;

/// What [`App`] is told.
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// The engine that every component below talks to.
    pub engine: EngineHandle,
    /// What was done in the frame of `index.html`, read before this is drawn over it.
    #[prop_or_default]
    pub shell: Shell,
}

/// Draws the page in the person's language, and anew when they choose another.
#[component]
pub fn App(props: &AppProps) -> Html {
    let drawn = use_state(|| {
        let tag = appearance::language_tag();
        set_language(Language::from_tag(&tag).unwrap_or(Language::En));
        0_u32
    });
    use_effect_with((), |()| {
        shell::leave();
        let following = viewport::follow();
        move || drop(following)
    });
    let onlanguage = {
        let drawn = drawn.clone();
        Callback::from(move |()| drawn.set(*drawn + 1))
    };
    html! {
        <ContextProvider<EngineHandle> context={props.engine.clone()}>
            <Screen key={*drawn} shell={props.shell.clone()} {onlanguage} />
        </ContextProvider<EngineHandle>>
    }
}

#[derive(Properties, PartialEq)]
struct ScreenProps {
    shell: Shell,
    onlanguage: Callback<()>,
}

/// What the engine's phase calls for.
#[component]
fn Screen(props: &ScreenProps) -> Html {
    let phase = use_view(|view| view.phase);
    let route = use_route();
    match phase {
        Phase::Starting => Html::default(),
        Phase::Welcome => html! { <Welcome shell={props.shell.clone()} {route} /> },
        Phase::Ready => html! { <Panes {route} onlanguage={props.onlanguage.clone()} /> },
        Phase::OtherTab => html! { <OtherTab /> },
        Phase::NoStorage => html! { <NoStorage /> },
        Phase::Failed(failure) => html! { <Failed {failure} /> },
    }
}

/// Where the person is, by the address.
#[hook]
fn use_route() -> Route {
    let route = use_reducer_eq(|| Place(Route::default().follow(&route::current())));
    let dispatcher = route.dispatcher();
    use_effect_with((), move |()| {
        let listener = route::listen(Callback::from(move |fragment: String| {
            dispatcher.dispatch(fragment)
        }));
        move || drop(listener)
    });
    route.0.clone()
}

#[derive(PartialEq)]
struct Place(Route);

impl Reducible for Place {
    type Action = String;

    fn reduce(self: std::rc::Rc<Self>, fragment: String) -> std::rc::Rc<Self> {
        Self(self.0.follow(&fragment)).into()
    }
}
