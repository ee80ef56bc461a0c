//! A person's picture, drawn from their key: two overlapping soft shapes and an initial. The same
//! key gives the same picture everywhere; shapes differ as much as colors, for eyes that see fewer.

mod shape;

use shape::Picture;
use yew::{Html, classes, html};

/// The width of an avatar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// 28 px, beside words.
    Small,
    /// 40 px, in a header.
    Medium,
    /// 48 px, in a list.
    Large,
    /// 72 px, where it is about the person.
    Huge,
}

impl Size {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => "size-28",
            Self::Medium => "size-40",
            Self::Large => "size-48",
            Self::Huge => "size-72",
        }
    }
}

/// The avatar of the persona with this key, as decoration: the name always stands beside it.
pub fn avatar(key: &[u8; 32], name: &str, size: Size) -> Html {
    let picture = Picture::of(key);
    let initial: String = name
        .trim()
        .chars()
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    html! {
        <svg class={classes!("avatar", size.class())} viewBox="0 0 40 40" aria-hidden="true">
            <rect width="40" height="40" fill={picture.ground} />
            <path d={picture.first.path} fill={picture.first.fill} transform={picture.first.place} />
            <path d={picture.second.path} fill={picture.second.fill} fill-opacity=".86" transform={picture.second.place} />
            <text x="20" y="21">{ initial }</text>
        </svg>
    }
}
