//! Blocking a contact, after a question, and letting them in again.

use crate::engine::use_engine;
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::input;
use crate::ui::icon::Icon;
use shared::base::id::ConversationId;
use shared::peer::command::{Command, CommandError};
use yew::prelude::*;

/// What [`BlockButton`] is told.
#[derive(Properties, PartialEq)]
pub struct BlockButtonProps {
    /// The chat.
    pub id: ConversationId,
    /// Whose.
    pub name: AttrValue,
    /// They are blocked.
    pub blocked: bool,
}

/// A button, and the question behind it.
#[component]
pub fn BlockButton(props: &BlockButtonProps) -> Html {
    let asking = use_state(|| false);
    let refused = use_state(|| None::<CommandError>);
    let engine = use_engine();
    let id = props.id;
    let act = {
        let (asking, refused) = (asking.clone(), refused.clone());
        move |command: Command| {
            let (engine, asking, refused) = (engine.clone(), asking.clone(), refused.clone());
            Callback::from(move |_: MouseEvent| {
                refused.set(engine.command(command.clone()).err());
                asking.set(false);
            })
        }
    };
    let button = use_node_ref();
    {
        // What was pressed is gone; the keyboard goes on where it was.
        let (button, drawn) = (button.clone(), use_mut_ref(|| false));
        use_effect_with((props.blocked, *asking), move |(_, asking)| {
            if std::mem::replace(&mut *drawn.borrow_mut(), true) && !asking {
                input::focus(&button);
            }
        });
    }
    let trouble = html! {
        <p class="note error" role="status">{ refused.as_ref().map(command_error) }</p>
    };
    if props.blocked {
        return html! {
            <section class="part">
                <p class="note">{ t::unblock_note(&props.name) }</p>
                <div class="actions"><button ref={button} class="button" type="button" onclick={act(Command::Unblock(id))}>{ t::unblock(&props.name) }</button></div>
                { trouble }
            </section>
        };
    }
    if *asking {
        let cancel = asking.clone();
        let cancel = Callback::from(move |_: MouseEvent| cancel.set(false));
        return html! { <Question name={props.name.clone()} {cancel} confirm={act(Command::Block(id))} /> };
    }
    let ask = Callback::from(move |_: MouseEvent| asking.set(true));
    html! {
        <section class="part">
            <div class="actions"><button ref={button} class="button danger" type="button" onclick={ask}>{ Icon::Stop.draw() }{ t::block(&props.name) }</button></div>
            { trouble }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct QuestionProps {
    name: AttrValue,
    cancel: Callback<MouseEvent>,
    confirm: Callback<MouseEvent>,
}

/// The focus goes to the answer that changes nothing.
#[component]
fn Question(props: &QuestionProps) -> Html {
    let first = use_node_ref();
    {
        let first = first.clone();
        use_effect_with((), move |()| input::focus(&first));
    }
    let title = t::block_question(&props.name);
    html! {
        <section class="part question" role="group" aria-label={title.clone()}>
            <h3>{ title }</h3>
            <p class="note">{ t::block_note(&props.name) }</p>
            <div class="actions">
                <button ref={first} class="button" type="button" onclick={props.cancel.clone()}>{ t::cancel() }</button>
                <button class="button danger" type="button" onclick={props.confirm.clone()}>{ t::block(&props.name) }</button>
            </div>
        </section>
    }
}
