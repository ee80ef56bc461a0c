//! Kith's page. `index.html` paints a frame; [`engine`] finds out whether this tab leads and loads
//! what is kept; then the app is drawn over the frame.

mod app;
mod engine;
mod features;
mod i18n;
mod platform;
mod ui;

use app::{App, AppProps};
use engine::{Engine, EngineHandle};
use platform::{page, shell, task};
use std::rc::Rc;

fn main() {
    let engine = Engine::new();
    let drawn = Rc::clone(&engine);
    task::spawn(engine::run(engine, move || mount(drawn)));
}

fn mount(engine: Rc<Engine>) {
    let Some(root) = page::app_root() else { return };
    let props = AppProps {
        engine: EngineHandle(engine),
        shell: shell::read(),
    };
    yew::Renderer::<App>::with_root_and_props(root, props).render();
}
