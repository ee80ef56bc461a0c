//! A modal dialog: named by its title, closed by Escape, its cross or a click beside it.

use crate::i18n::t;
use crate::platform::modal;
use crate::ui::icon::Icon;
use yew::prelude::*;

/// What a [`Dialog`] is told.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// The title, which is also its accessible name.
    pub title: AttrValue,
    /// Narrow, for a question or a few facts.
    #[prop_or_default]
    pub narrow: bool,
    /// Something inside has `autofocus`; else the title gets the focus and is read out.
    #[prop_or_default]
    pub focus_inside: bool,
    /// The person closed it; take it away.
    pub onclose: Callback<()>,
    /// What is in it.
    pub children: Html,
}

/// Draws the dialog and opens it at once.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            modal::show(&dialog);
            // Closed before it leaves the document, the browser gives focus back.
            move || modal::close(&dialog)
        });
    }
    let close = {
        let dialog = dialog.clone();
        Callback::from(move |_: MouseEvent| modal::close(&dialog))
    };
    let beside = {
        let dialog = dialog.clone();
        Callback::from(move |event: MouseEvent| {
            if modal::on_backdrop(&event) {
                modal::close(&dialog);
            }
        })
    };
    let onclose = props.onclose.reform(|_: Event| ());
    html! {
        <dialog ref={dialog} class={classes!("dialog", props.narrow.then_some("narrow"))} aria-label={props.title.clone()} {onclose} onmousedown={beside}>
            <header>
                <h2 tabindex="-1" autofocus={!props.focus_inside}>{ &props.title }</h2>
                <button class="icon-button" type="button" aria-label={t::close()} onclick={close}>{ Icon::Close.draw() }</button>
            </header>
            <div class="body">{ props.children.clone() }</div>
        </dialog>
    }
}
