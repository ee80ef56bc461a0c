//! My asking to be let in: how far it has come, and that it is for the other to decide.

use crate::i18n::t;
use crate::ui::icon::Icon;
use shared::peer::view::{AskState, Obstacle, OpenChat};
use std::rc::Rc;
use yew::prelude::*;

/// What [`Asks`] is told.
#[derive(Properties, PartialEq)]
pub struct AsksProps {
    /// The chat.
    pub chat: Rc<OpenChat>,
}

/// A line above the chat, until they answer.
#[component]
pub fn Asks(props: &AsksProps) -> Html {
    let chat = &props.chat;
    let Some(state) = chat.asks else {
        return Html::default();
    };
    html! {
        <div class="banner" role="status">
            { Icon::Clock.draw() }
            <p>{ words(state, &chat.name) }</p>
        </div>
    }
}

fn words(state: AskState, name: &str) -> String {
    match state {
        AskState::Works => t::chat_asks_works(name),
        AskState::OnItsWay(Obstacle::MailboxFull) => t::chat_asks_full(name),
        AskState::OnItsWay(Obstacle::Unreachable) => t::chat_asks_unreachable(name),
        AskState::OnItsWay(_) => t::chat_asks_on_its_way(name),
        AskState::Waits => t::chat_asks_waits(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_to_wait_only_when_a_supernode_has_it() {
        let waits = words(AskState::Waits, "Ann");
        assert!(waits.contains("until Ann"));
        let on_its_way = [
            Obstacle::MailboxFull,
            Obstacle::Unreachable,
            Obstacle::OnItsWay,
            Obstacle::Busy,
        ];
        let others = on_its_way.map(AskState::OnItsWay);
        for state in others.into_iter().chain([AskState::Works]) {
            assert_ne!(words(state, "Ann"), waits);
        }
    }
}
