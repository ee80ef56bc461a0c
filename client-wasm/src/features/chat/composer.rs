//! Where a message is written. Enter sends it, Shift+Enter breaks the line; it grows to six lines.

use crate::engine::use_engine;
use crate::features::trouble::words::command_error;
use crate::i18n::t;
use crate::platform::{input, pointer};
use crate::ui::icon::Icon;
use shared::base::id::ConversationId;
use shared::peer::command::{Command, CommandError};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use yew::prelude::*;

/// What was typed and not sent, by chat; kept while the page is open.
#[derive(Clone, Default)]
pub struct Drafts(Rc<RefCell<BTreeMap<ConversationId, String>>>);

impl PartialEq for Drafts {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Drafts {
    fn of(&self, id: ConversationId) -> String {
        self.0.borrow().get(&id).cloned().unwrap_or_default()
    }

    fn keep(&self, id: ConversationId, text: String) {
        let mut drafts = self.0.borrow_mut();
        if text.is_empty() {
            drafts.remove(&id);
        } else {
            drafts.insert(id, text);
        }
    }
}

/// What [`Composer`] is told.
#[derive(Properties, PartialEq)]
pub struct ComposerProps {
    /// The chat.
    pub id: ConversationId,
    /// Where what is typed is kept.
    pub drafts: Drafts,
    /// A message was sent.
    pub onsent: Callback<()>,
}

/// Draws it.
#[component]
pub fn Composer(props: &ComposerProps) -> Html {
    let engine = use_engine();
    let area = use_node_ref();
    let id = props.id;
    let ready = use_state_eq(|| !props.drafts.of(id).trim().is_empty());
    let error = use_state_eq(|| None::<CommandError>);
    {
        let (area, drafts) = (area.clone(), props.drafts.clone());
        use_effect_with(id, move |&id| {
            input::set_value(&area, &drafts.of(id));
            input::fit_height(&area);
            // On a phone this would open the keyboard over what there is to read.
            if pointer::is_fine() {
                input::focus(&area);
            }
        });
    }
    let send = {
        let (area, drafts, onsent) = (area.clone(), props.drafts.clone(), props.onsent.clone());
        let (ready, error) = (ready.clone(), error.clone());
        Callback::from(move |()| {
            let text = input::value(&area);
            if text.trim().is_empty() {
                return;
            }
            match engine.command(Command::Say {
                conversation: id,
                text,
            }) {
                Ok(_) => {
                    input::set_value(&area, "");
                    input::fit_height(&area);
                    drafts.keep(id, String::new());
                    ready.set(false);
                    error.set(None);
                    onsent.emit(());
                }
                Err(refused) => error.set(Some(refused)),
            }
        })
    };
    let onkeydown = {
        let send = send.clone();
        Callback::from(move |event: KeyboardEvent| {
            // While an input method composes, Enter chooses a word.
            if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
                event.prevent_default();
                send.emit(());
            }
        })
    };
    let oninput = {
        let (area, drafts, error) = (area.clone(), props.drafts.clone(), error.clone());
        Callback::from(move |event: InputEvent| {
            let text = input::typed(&event);
            ready.set(!text.trim().is_empty());
            drafts.keep(id, text);
            error.set(None);
            input::fit_height(&area);
        })
    };
    let ready = !props.drafts.of(id).trim().is_empty();
    let onclick = {
        let area = area.clone();
        Callback::from(move |_: MouseEvent| {
            send.emit(());
            input::focus(&area);
        })
    };
    html! {
        <div class="composer">
            <div class="box">
                <textarea ref={area} rows="1" aria-label={t::message()} placeholder={t::message()} enterkeyhint="send" autocapitalize="sentences" {oninput} {onkeydown}
                    aria-invalid={error.is_some().then_some("true")} aria-describedby={error.is_some().then_some("send-error")} />
                <button class={classes!("icon-button", "send", ready.then_some("ready"))} type="button" aria-label={t::send()} title={t::send()} {onclick}>{ Icon::Send.draw() }</button>
            </div>
            if let Some(error) = &*error {
                <p class="note error" id="send-error" role="alert">{ command_error(error) }</p>
            }
        </div>
    }
}
