//! Line icons, 20 × 20, drawn with the text's color. They are decoration: the control that holds
//! one has the name.

use yew::{Html, html};

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// An arrow to the left.
    Back,
    /// A bell with a stroke through it.
    Bell,
    /// A single tick: sent.
    Check,
    /// Two ticks: delivered.
    Checks,
    /// A cross.
    Close,
    /// A clock face: queued.
    Clock,
    /// Two sheets.
    Copy,
    /// An arrow downwards.
    Down,
    /// An eye.
    Eye,
    /// A cogwheel.
    Gear,
    /// A chain link.
    Link,
    /// A closed lock.
    Lock,
    /// A person and a plus sign.
    PersonPlus,
    /// A pin.
    Pin,
    /// A QR code.
    Qr,
    /// A magnifying glass.
    Search,
    /// A paper plane.
    Send,
    /// An arrow out of a box.
    Share,
    /// A circle with a stroke through it.
    Stop,
    /// A triangle with an exclamation mark.
    Warning,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Back => "M12 4l-6 6 6 6",
            Self::Bell => {
                "M5 13.5h10l-1.2-2V8.5a3.8 3.8 0 0 0-7.6 0v3zM8.5 16.2a1.7 1.7 0 0 0 3 0M3.5 3.5l13 13"
            }
            Self::Check => "M4 10.5l4 4 8-9",
            Self::Checks => "M1.5 10.5l4 4 8-9M9.5 13.5l1 1 8-9",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Clock => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.2l2.7 1.8",
            Self::Copy => "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
            Self::Down => "M10 4v12M5 11l5 5 5-5",
            Self::Eye => {
                "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 7.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z"
            }
            Self::Gear => {
                "M10 7.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM8.6 2.5h2.8l.4 2 1.7 1 2-.7 1.4 2.4-1.6 1.4v1.9l1.6 1.4-1.4 2.4-2-.7-1.7 1-.4 2H8.6l-.4-2-1.7-1-2 .7-1.4-2.4 1.6-1.4V8.6L3.1 7.2l1.4-2.4 2 .7 1.7-1z"
            }
            Self::Link => {
                "M8.5 11.5a3.2 3.2 0 0 0 4.6.2l2.7-2.7a3.25 3.25 0 0 0-4.6-4.6l-1.3 1.3M11.5 8.5a3.2 3.2 0 0 0-4.6-.2L4.2 11a3.25 3.25 0 0 0 4.6 4.6l1.3-1.3"
            }
            Self::Lock => "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
            Self::PersonPlus => {
                "M8 3.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2.5 16.5c0-3 2.5-4.7 5.5-4.7s5.5 1.7 5.5 4.7M16 6v5M13.5 8.5h5"
            }
            Self::Pin => "M7 3.5h6l-.8 5 2.3 2.5v1.5h-9V11l2.3-2.5zM10 12.5v4.5",
            Self::Qr => {
                "M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h2v2h-2zM16.5 11.5v2M14 16.5h2.5v-1"
            }
            Self::Search => "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
            Self::Send => "M3.5 10L16.5 4l-4 13-3-5.5zM9.5 11.5l7-7.5",
            Self::Share => "M10 12V2.5M6.5 5.5L10 2.5l3.5 3M6.5 9h-2v8h11V9h-2",
            Self::Stop => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM5.1 5.1l9.8 9.8",
            Self::Warning => "M10 3.5l7.5 13h-15zM10 8v4M10 14v.5",
        }
    }

    /// The icon as an element.
    pub fn draw(self) -> Html {
        html! {
            <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                <path d={self.path()} />
            </svg>
        }
    }
}
