//! How components read the engine: each draws again only when what it chose has changed.

use std::cell::RefCell;
use std::rc::Rc;

use shared::peer::io::Notice;
use yew::prelude::*;

use super::{Engine, View};

/// The engine in a context; equal to itself only.
#[derive(Clone)]
pub struct EngineHandle(pub Rc<Engine>);

impl PartialEq for EngineHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The engine of the page.
#[hook]
pub fn use_engine() -> Rc<Engine> {
    use_context::<EngineHandle>()
        .expect("the app is drawn inside the engine's context")
        .0
}

type Select<T> = Box<dyn Fn(&View) -> T>;

/// What `select` takes from the view. The component is drawn again when that is another value.
#[hook]
pub fn use_view<T: PartialEq + Clone + 'static>(select: impl Fn(&View) -> T + 'static) -> T {
    let engine = use_engine();
    let update = use_force_update();
    let value = engine.with_view(&select);
    let shown = use_mut_ref(|| None::<(Select<T>, T)>);
    shown.replace(Some((Box::new(select), value.clone())));
    use_effect_with(EngineHandle(engine), move |EngineHandle(engine)| {
        let look = move |view: &View| {
            if is_new(&shown, view) {
                update.force_update();
            }
        };
        // Something may have changed between drawing and this effect.
        engine.with_view(&look);
        let watch = engine.watch(look);
        move || drop(watch)
    });
    value
}

/// Compares and remembers, so that one change asks for one drawing.
fn is_new<T: PartialEq>(shown: &RefCell<Option<(Select<T>, T)>>, view: &View) -> bool {
    let mut shown = shown.borrow_mut();
    let Some((select, value)) = &mut *shown else {
        return false;
    };
    let new = select(view);
    let changed = *value != new;
    *value = new;
    changed
}

/// Calls `hear` for each thing there is to tell beside the view: messages that came in, contacts.
#[hook]
pub fn use_notices(hear: impl Fn(&Notice) + 'static) {
    let engine = use_engine();
    let latest = use_mut_ref(|| None::<Box<dyn Fn(&Notice)>>);
    latest.replace(Some(Box::new(hear)));
    use_effect_with(EngineHandle(engine), move |EngineHandle(engine)| {
        let watch = engine.hear(move |notice| {
            if let Some(hear) = &*latest.borrow() {
                hear(notice);
            }
        });
        move || drop(watch)
    });
}
