//! Pieces that know nothing of the product: they are told what to draw and say what was done.

pub mod avatar;
pub mod dialog;
pub mod icon;
pub mod mark;
pub mod qr;
pub mod virtual_list;
