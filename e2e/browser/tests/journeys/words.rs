//! Names of controls beyond the contract, in one place.

/// The button of a waiting tab that makes it lead.
pub const USE_HERE: &str = "Use Kith here";
/// The button that tries a failed write again.
pub const TRY_AGAIN: &str = "Try again";
/// The button of the crash screen.
pub const RELOAD: &str = "Reload";
/// Sections of the settings.
pub const SETTINGS_SECTIONS: [&str; 6] = [
    "Profile",
    "Devices",
    "Privacy",
    "Network",
    "Appearance",
    "About",
];
/// The dialog about an opened invite that cannot be used.
pub const REFUSED: &str = "This invite cannot be used";
