//! Where a person is, as written after `#` in the address: so the back gesture, a bookmark and a
//! link all work.

use shared::base::id::ConversationId;

/// A section of the settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Name and picture.
    Profile,
    /// My devices.
    Devices,
    /// Who learns what.
    Privacy,
    /// My supernodes.
    Network,
    /// Colors, text size, language.
    Appearance,
    /// Version, license, origin.
    About,
}

impl Section {
    /// All sections, in the order shown.
    pub const ALL: [Self; 6] = [
        Self::Profile,
        Self::Devices,
        Self::Privacy,
        Self::Network,
        Self::Appearance,
        Self::About,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Devices => "devices",
            Self::Privacy => "privacy",
            Self::Network => "network",
            Self::Appearance => "appearance",
            Self::About => "about",
        }
    }
}

/// What the wide pane shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pane {
    /// Nothing in particular.
    #[default]
    Home,
    /// A chat.
    Chat(ConversationId),
    /// People who ask to be let in.
    Requests,
    /// A section of the settings.
    Settings(Section),
}

/// A dialog over the panes that has an address of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Over {
    /// My invite, and a field for another's.
    Add {
        /// The person has another's link ready.
        paste: bool,
    },
    /// The question whether to accept the invite with this code.
    Accept(String),
}

/// A place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Route {
    /// What the wide pane shows.
    pub pane: Pane,
    /// What lies over it.
    pub over: Option<Over>,
}

impl Route {
    /// The place that `fragment` names, seen from `self`: a dialog leaves what is under it. What
    /// names nothing leads home.
    pub fn follow(&self, fragment: &str) -> Self {
        let mut parts = fragment.trim_start_matches('/').splitn(2, '/');
        let (first, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let over = match first {
            "add" => Some(Over::Add {
                paste: rest == "paste",
            }),
            "i" => Some(Over::Accept(rest.to_owned())),
            _ => None,
        };
        if over.is_some() {
            return Self {
                pane: self.pane,
                over,
            };
        }
        let pane = match first {
            "c" => ConversationId::from_text(rest).map_or(Pane::Home, Pane::Chat),
            "requests" => Pane::Requests,
            "settings" => Pane::Settings(
                Section::ALL
                    .into_iter()
                    .find(|s| s.word() == rest)
                    .unwrap_or(Section::Profile),
            ),
            _ => Pane::Home,
        };
        Self { pane, over: None }
    }
}

/// The address of a pane, without `#`.
pub fn address(pane: Pane) -> String {
    match pane {
        Pane::Home => "/".to_owned(),
        Pane::Chat(id) => format!("/c/{id}"),
        Pane::Requests => "/requests".to_owned(),
        Pane::Settings(section) => format!("/settings/{}", section.word()),
    }
}

/// The address of the dialog for adding a contact, without `#`.
pub const ADD: &str = "/add";
/// The same, for somebody who has a link to paste.
pub const PASTE: &str = "/add/paste";

/// The address of an invite, without `#`.
pub fn invite(code: &str) -> String {
    format!("/i/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEN: ConversationId = ConversationId([7; 16]);

    #[test]
    fn every_pane_is_found_by_its_address() {
        let panes = Section::ALL.map(Pane::Settings).into_iter().chain([
            Pane::Home,
            Pane::Requests,
            Pane::Chat(BEN),
        ]);
        for pane in panes {
            assert_eq!(
                Route::default().follow(&address(pane)),
                Route { pane, over: None }
            );
        }
    }

    #[test]
    fn a_dialog_leaves_what_is_under_it() {
        let chat = Route {
            pane: Pane::Chat(BEN),
            over: None,
        };
        assert_eq!(chat.follow(ADD).pane, chat.pane);
        let asked = chat.follow(&invite("abc_-"));
        assert_eq!(
            asked,
            Route {
                pane: chat.pane,
                over: Some(Over::Accept("abc_-".into()))
            }
        );
    }

    #[test]
    fn what_names_nothing_leads_home() {
        for fragment in ["", "/", "/c/", "/c/not-an-id", "/nowhere/else", "////"] {
            assert_eq!(
                Route::default().follow(fragment).pane,
                Pane::Home,
                "{fragment}"
            );
        }
    }
}
