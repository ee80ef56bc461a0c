//! One message, with what stands above it: the day, the line before new messages, the beginning.

use super::group::Standing;
use super::text::{is_emoji, rich};
use super::why::why_words;
use crate::features::chats::state_icon;
use crate::features::when;
use crate::i18n::t;
use crate::ui::avatar::{Size, avatar};
use crate::ui::icon::Icon;
use crate::ui::virtual_list::Row;
use shared::base::id::MessageId;
use shared::peer::view::{MessageState, MessageView, OpenChat};
use yew::prelude::*;

/// What stands around a message.
pub struct Around {
    /// Among its neighbours.
    pub standing: Standing,
    /// It is the oldest of the chat.
    pub beginning: bool,
    /// Older ones are being loaded.
    pub loading_older: bool,
    /// It is the first that was not read yet.
    pub first_unread: bool,
    /// It is my last one, which bears its state.
    pub my_last: bool,
}

/// Draws the row of a message.
pub fn message(
    chat: &OpenChat,
    message: &MessageView,
    row: Row,
    around: &Around,
    retry: &Callback<MessageId>,
) -> Html {
    let standing = around.standing;
    let clock = when::clock(message.at);
    let who = if message.mine {
        t::you()
    } else {
        chat.name.as_str()
    };
    let said = t::chat_said(&message.text, &clock, who);
    let failed = message.mine && message.state == MessageState::Failed;
    html! {
        <div key={u128::from_be_bytes(message.id.0)} data-row={row.index.to_string()}>
            if around.loading_older {
                <div class="day"><span>{ t::chat_older() }</span></div>
            }
            if around.beginning {
                { beginning(chat) }
            }
            if standing.new_day {
                <div class="day"><span>{ when::day(message.at) }</span></div>
            }
            if around.first_unread {
                <div class="new-line">{ t::chat_new() }</div>
            }
            <div class={classes!("message", standing.first.then_some("first"), standing.last.then_some("last"))} role="article" aria-label={said}
                tabindex={if row.tab_stop { "0" } else { "-1" }}
                data-from={if message.mine { "me" } else { "them" }} data-state={message.mine.then(|| message.state.as_str())}>
                <div class={classes!("bubble", is_emoji(&message.text).then_some("emoji"))}>
                    { rich(&message.text, row.tab_stop) }
                    if message.unknown_kind {
                        <span class="unknown">{ t::chat_unknown_kind() }</span>
                    }
                    if standing.last {
                        <time>{ clock }</time>
                    }
                </div>
                if failed || around.my_last {
                    { state(message, &chat.name, row.tab_stop, retry) }
                }
            </div>
        </div>
    }
}

fn state(message: &MessageView, name: &str, reachable: bool, retry: &Callback<MessageId>) -> Html {
    let word = match message.state {
        MessageState::Queued => t::state_queued(),
        MessageState::Sent => t::state_sent(),
        MessageState::Delivered => t::state_delivered(),
        MessageState::Read => t::state_read(),
        MessageState::Failed => t::state_failed(),
    };
    let id = message.id;
    let onclick = retry.reform(move |_: MouseEvent| id);
    let why = message.why.as_ref().and_then(|why| why_words(why, name));
    html! {
        <div class={classes!("state", message.state.as_str())}>
            { state_icon(message.state) }
            <span aria-hidden="true">{ word }</span>
            if message.state == MessageState::Failed {
                <button class="text-button" type="button" tabindex={if reachable { "0" } else { "-1" }} {onclick}>{ t::chat_retry() }</button>
            }
            { for why.map(|why| html! { <span class="why">{ why }</span> }) }
        </div>
    }
}

/// What stands at the beginning of a chat.
pub fn beginning(chat: &OpenChat) -> Html {
    html! {
        <div class="beginning">
            { avatar(&chat.persona.0, &chat.name, Size::Huge) }
            <strong>{ t::chat_beginning(&chat.name) }</strong>
            <span class="locked">{ Icon::Lock.draw() }{ t::chat_encrypted() }</span>
            if chat.pending {
                <span>{ t::chat_pending(&chat.name) }</span>
            }
        </div>
    }
}
