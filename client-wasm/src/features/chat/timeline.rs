//! What was said. Draws only what is near the eye, keeps its place while older messages load, and
//! stays at the end while new ones come.

use super::group::standing;
use super::message::{Above, Message, beginning};
use crate::engine::use_engine;
use crate::features::when;
use crate::i18n::t;
use crate::platform::{attention, intl};
use crate::ui::icon::Icon;
use crate::ui::virtual_list::{Place, Row, VirtualList};
use shared::base::id::MessageId;
use shared::peer::command::Command;
use shared::peer::view::OpenChat;
use std::rc::Rc;
use yew::prelude::*;

/// Height of a message of one line, until it is measured.
const MESSAGE_PX: f32 = 44.0;
/// Older messages are asked for when fewer than this are above what is seen.
const OLDER_FROM: usize = 20;

/// What [`Timeline`] is told.
#[derive(Properties, PartialEq)]
pub struct TimelineProps {
    /// The chat.
    pub chat: Rc<OpenChat>,
    /// How many messages were sent from here: each leads to the end.
    pub sent: u32,
}

/// Draws it.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let engine = use_engine();
    let chat = props.chat.clone();
    let place = use_state_eq(|| None::<Place>);
    let at_end = place.is_some_and(|place| place.at_end);
    let away = place.is_some_and(|place| !place.at_end);
    let jumps = use_state(|| 0_u32);
    let left_at = use_mut_ref(|| None::<MessageId>);
    let present = use_present();

    let newest = chat.messages.last().map(|message| message.id);
    let oldest = chat.messages.first().map(|message| message.id);
    let id = chat.id;

    // The end of the chat is on the screen, before somebody's eyes.
    {
        let engine = engine.clone();
        use_effect_with((id, at_end && present), move |&(id, seen)| {
            let _ = engine.command(Command::Watch(id, seen));
        });
    }
    // A place among fewer rows is that before the last loading.
    let near_top = chat.more_before
        && place.is_some_and(|p| p.rows == chat.messages.len() && p.first < OLDER_FROM);
    {
        let engine = engine.clone();
        use_effect_with((oldest, near_top), move |&(oldest, near_top)| {
            if oldest.is_some() && near_top {
                let _ = engine.command(Command::LoadOlder(id));
            }
        });
    }
    if at_end {
        *left_at.borrow_mut() = newest;
    }
    let came = left_at.borrow().map_or(0, |left| {
        chat.messages
            .iter()
            .rev()
            .take_while(|m| m.id != left)
            .filter(|m| !m.mine)
            .count()
    });

    let keys = use_memo(chat.clone(), |chat| {
        chat.messages
            .iter()
            .map(|message| message.id.0)
            .collect::<Rc<[[u8; 16]]>>()
    });
    let retry = use_callback(id, move |message: MessageId, &id| {
        let _ = engine.command(Command::Retry {
            conversation: id,
            message,
        });
    });
    let name = AttrValue::from(chat.name.clone());
    let my_last = chat.messages.iter().rposition(|message| message.mine);
    let row = use_callback(chat.clone(), move |row: Row, chat| {
        let shown = chat.messages.get(row.index);
        let standing = standing(&chat.messages, row.index, intl::local_day);
        let (Some(shown), Some(standing)) = (shown, standing) else {
            return Html::default();
        };
        let above = match row.index {
            0 if chat.more_before => Above::Loading,
            0 => Above::Beginning(chat.clone()),
            _ => Above::Message,
        };
        let day = standing
            .new_day
            .then(|| AttrValue::from(when::day(shown.at)));
        html! {
            <Message key={u128::from_be_bytes(shown.id.0)} message={shown.clone()} name={name.clone()} {row} {standing} {day} {above}
                first_unread={chat.first_unread == Some(shown.id)} my_last={my_last == Some(row.index)} retry={retry.clone()} />
        }
    });
    let onplace = {
        let place = place.clone();
        use_callback((), move |now: Place, ()| place.set(Some(now)))
    };
    if chat.messages.is_empty() {
        return html! {
            <div class="timeline">
                <div class="messages">
                    <div role="log" aria-live="off" aria-label={t::messages()} />
                    if !chat.loading {
                        { beginning(&chat) }
                    }
                </div>
            </div>
        };
    }
    let start = chat
        .first_unread
        .and_then(|id| chat.messages.iter().position(|m| m.id == id));
    let jump = {
        let jumps = jumps.clone();
        Callback::from(move |_: MouseEvent| jumps.set(*jumps + 1))
    };
    let first = place.and_then(|place| chat.messages.get(place.first));
    let day = first.map(|message| when::day(message.at));
    html! {
        <div class="timeline">
            <div class={classes!("day-now", away.then_some("shown"))} aria-hidden="true"><span>{ day }</span></div>
            <VirtualList class="messages" log=true label={t::messages()} keys={(*keys).clone()} {start} guess={MESSAGE_PX} jump={*jumps + props.sent} {row} {onplace} />
            if away {
                <div class="latest">
                    <button class="icon-button" type="button" onclick={jump}
                        aria-label={if came > 0 { t::chat_latest_new(came as u64) } else { t::chat_latest().to_owned() }}>{ Icon::Down.draw() }</button>
                    if came > 0 {
                        <span class="badge" aria-hidden="true">{ came }</span>
                    }
                </div>
            }
        </div>
    }
}

/// Whether the person can see the page now.
#[hook]
fn use_present() -> bool {
    let present = use_state_eq(attention::present);
    let now = *present;
    use_effect_with((), move |()| {
        let listeners =
            attention::listen(&Callback::from(move |()| present.set(attention::present())));
        move || drop(listeners)
    });
    now
}
