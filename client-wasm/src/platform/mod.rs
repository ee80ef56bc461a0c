//! What the browser can do, one capability a file. Nothing outside this folder names `web_sys` or
//! `js_sys`.

pub mod appearance;
pub mod attention;
pub mod clipboard;
pub mod config;
pub mod core;
pub mod input;
pub mod intl;
pub mod leader;
pub mod lifecycle;
pub mod link;
pub mod listen;
pub mod measure;
pub mod modal;
pub mod page;
pub mod pointer;
pub mod random;
pub mod route;
pub mod scroll;
pub mod share;
pub mod shell;
pub mod storage;
pub mod task;
pub mod viewport;
pub mod webrtc;
pub mod websocket;
pub mod work;
