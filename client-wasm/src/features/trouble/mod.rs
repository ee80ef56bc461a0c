//! When something is wrong: what happened, what is safe, what to do.

pub mod banners;
pub mod full_page;
pub mod words;
