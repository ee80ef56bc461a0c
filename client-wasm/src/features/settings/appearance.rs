//! Colors, text size, language.

use crate::i18n::{Language, language, set_language, t};
use crate::platform::appearance::{Choice, choose, chosen, set_language_tag};
use crate::platform::input;
use yew::prelude::*;

/// What [`Appearance`] is told.
#[derive(Properties, PartialEq)]
pub struct AppearanceProps {
    /// The language is another now; draw everything anew.
    pub onlanguage: Callback<()>,
}

/// Three choices, applied at once.
#[component]
pub fn Appearance(props: &AppearanceProps) -> Html {
    let onlanguage = {
        let told = props.onlanguage.clone();
        Callback::from(move |tag: String| {
            let Some(language) = Language::from_tag(&tag) else {
                return;
            };
            choose(Choice::Language, language.tag());
            set_language(language);
            set_language_tag(language.tag());
            told.emit(());
        })
    };
    let themes = [
        ("", t::theme_system()),
        ("light", t::theme_light()),
        ("dark", t::theme_dark()),
    ];
    let sizes = [
        ("small", t::text_small()),
        ("", t::text_normal()),
        ("large", t::text_large()),
        ("largest", t::text_largest()),
    ];
    let languages = Language::ALL.map(|language| (language.tag(), language.own_name()));
    html! {
        <div class="card-box">
            <Choices title={t::appearance_theme()} name="theme" options={themes.to_vec()} chosen={chosen(Choice::Theme)}
                onchoose={|value: String| choose(Choice::Theme, &value)} />
            <Choices title={t::appearance_text()} name="text" options={sizes.to_vec()} chosen={chosen(Choice::Text)}
                onchoose={|value: String| choose(Choice::Text, &value)} />
            <Choices title={t::appearance_language()} name="language" options={languages.to_vec()} chosen={language().tag().to_owned()}
                onchoose={onlanguage} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ChoicesProps {
    title: &'static str,
    name: &'static str,
    /// Values with their words.
    options: Vec<(&'static str, &'static str)>,
    /// The value at first.
    chosen: AttrValue,
    onchoose: Callback<String>,
}

#[component]
fn Choices(props: &ChoicesProps) -> Html {
    let onchange = props.onchoose.reform(|event: Event| input::chosen(&event));
    html! {
        <fieldset {onchange}>
            <legend>{ props.title }</legend>
            <div class="choice">
                { for props.options.iter().map(|(value, words)| html! {
                    <label key={*value}>
                        <input type="radio" name={props.name} value={*value} checked={props.chosen == *value} />
                        <span>{ *words }</span>
                    </label>
                }) }
            </div>
        </fieldset>
    }
}
