//! The first visit: one sentence, one field, one button. `www/index.html` paints the same before
//! the app has arrived, and what was typed there is taken over.

use crate::engine::{use_engine, use_view};
use crate::features::route::{Over, Route};
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::input;
use crate::platform::shell::{Shell, set_known};
use crate::ui::avatar::{Size, avatar};
use crate::ui::mark::mark;
use shared::peer::command::{Command, CommandError};
use yew::prelude::*;

/// What [`Welcome`] is told.
#[derive(Properties, PartialEq)]
pub struct WelcomeProps {
    /// What was done in the frame of `index.html`.
    pub shell: Shell,
    /// Where the person is going: perhaps to an invite.
    pub route: Route,
}

/// Asks for a name.
#[component]
pub fn Welcome(props: &WelcomeProps) -> Html {
    let engine = use_engine();
    let field = use_node_ref();
    let error = use_state(|| None::<CommandError>);
    let arriving = use_view(|view| view.arriving);
    // The button was pressed before the core was there.
    let waiting = use_state(|| false);

    let start = {
        let (engine, field, error) = (engine.clone(), field.clone(), error.clone());
        let waiting = waiting.clone();
        Callback::from(move |()| {
            let wait = engine.with_view(|view| view.arriving);
            waiting.set(wait);
            if wait {
                return;
            }
            let name = input::value(&field).trim().to_owned();
            if let Err(refused) = engine.command(Command::CreatePersona { name }) {
                error.set(Some(refused));
                input::focus(&field);
            }
        })
    };
    {
        let (field, shell, start) = (field.clone(), props.shell.clone(), start.clone());
        use_effect_with((), move |()| {
            set_known(false);
            input::set_value(&field, &shell.name);
            if shell.submitted && !shell.name.trim().is_empty() {
                start.emit(());
            } else if shell.focused {
                input::focus(&field);
            }
        });
    }
    {
        let start = start.clone();
        use_effect_with((arriving, *waiting), move |(arriving, waiting)| {
            if *waiting && !arriving {
                start.emit(());
            }
        });
    }
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        start.emit(());
    });

    let inviter = match &props.route.over {
        Some(Over::Accept(code)) => engine.preview(code).ok(),
        _ => None,
    };
    html! {
        <main class="welcome">
            <div class="card">
                <div>
                    { mark() }
                    <h1>{ "Kith" }</h1>
                    <p class="lead">{ t::welcome_lead() }</p>
                </div>
                if let Some(inviter) = inviter {
                    <div class="inviter">
                        { avatar(&inviter.persona.0, &inviter.name, Size::Medium) }
                        <p>{ t::welcome_invited(&inviter.name) }</p>
                    </div>
                }
                <form {onsubmit} novalidate=true>
                    <div class="field">
                        <label for="name">{ t::your_name() }</label>
                        <input ref={field} class="input" id="name" name="name" autocomplete="nickname" autocapitalize="words" enterkeyhint="go" maxlength="64" required=true
                            aria-invalid={error.is_some().then_some("true")} aria-describedby={error.is_some().then_some("name-error")} />
                        if let Some(error) = &*error {
                            <p class="note error" id="name-error" role="alert">{ command_error(error) }</p>
                        }
                    </div>
                    <button class="button primary wide" type="submit" aria-busy={waiting.then_some("true")}>{ t::start_chatting() }</button>
                </form>
                <p class="asked note">{ t::welcome_asked() }</p>
            </div>
        </main>
    }
}
