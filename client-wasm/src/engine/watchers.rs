//! Functions that are called when something is new, until their owner is dropped.

use shared::base::sorted::SortedMap;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

type Watcher<T> = Rc<dyn Fn(&T)>;

/// A set of watchers.
pub struct Watchers<T: 'static>(Rc<Inner<T>>);

struct Inner<T> {
    next: Cell<u64>,
    watchers: RefCell<SortedMap<u64, Watcher<T>>>,
}

/// Watches until it is dropped.
pub struct Watch<T: 'static> {
    id: u64,
    of: Weak<Inner<T>>,
}

impl<T> Default for Watchers<T> {
    fn default() -> Self {
        Self(Rc::new(Inner {
            next: Cell::new(0),
            watchers: RefCell::default(),
        }))
    }
}

impl<T> Watchers<T> {
    /// Adds a watcher.
    pub fn add(&self, watcher: impl Fn(&T) + 'static) -> Watch<T> {
        let id = self.0.next.get();
        self.0.next.set(id + 1);
        self.0.watchers.borrow_mut().insert(id, Rc::new(watcher));
        Watch {
            id,
            of: Rc::downgrade(&self.0),
        }
    }

    /// Calls them all, in the order they came. They may add and drop watchers.
    pub fn call(&self, with: &T) {
        let now: Vec<Watcher<T>> = self.0.watchers.borrow().values().cloned().collect();
        for watcher in now {
            watcher(with);
        }
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        if let Some(of) = self.of.upgrade() {
            let watcher = of.watchers.borrow_mut().remove(&self.id);
            drop(watcher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_watch_is_not_called() {
        let watchers = Watchers::<u32>::default();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let watch = |name: &'static str| {
            let heard = Rc::clone(&heard);
            watchers.add(move |value| heard.borrow_mut().push((name, *value)))
        };
        let ann = watch("ann");
        let _ben = watch("ben");
        watchers.call(&1);
        drop(ann);
        watchers.call(&2);
        assert_eq!(*heard.borrow(), [("ann", 1), ("ben", 1), ("ben", 2)]);
    }
}
