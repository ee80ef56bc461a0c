//! What is asked for is kept first and done after: the order of commits and effects, without the
//! database.
//!
//! | state | `push` with writes | `push` without | `begin` | `committed` / `failed` |
//! |---|---|---|---|---|
//! | idle | waits | performed at once | – | – |
//! | waiting | joins | joins | → writing | – |
//! | writing | waits behind | joins the last in line | nothing | → idle or waiting / → stuck |
//! | stuck | waits behind | joins the last in line | nothing | `retry` → writing |

use std::rc::Rc;

use shared::base::effects::Batch;

/// Bytes of writes that may wait. A person who types behind a full disk stays far below it.
pub const QUEUED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Effects that may wait.
pub const QUEUED_EFFECTS_MAX: usize = 16 * 1024;

/// A batch, and what may be done when it is committed.
struct Step<E> {
    batch: Batch,
    then: Vec<E>,
}

impl<E> Default for Step<E> {
    fn default() -> Self {
        Self {
            batch: Batch::default(),
            then: Vec::new(),
        }
    }
}

/// See the table above. Whatever came while one batch is written becomes the next batch, so the
/// number of transactions follows the speed of the disk and not the number of inputs.
pub struct WriteQueue<E> {
    /// Being written, or refused and kept.
    writing: Option<(Rc<Batch>, Vec<E>)>,
    stuck: bool,
    next: Step<E>,
    bytes: usize,
    effects: usize,
}

impl<E> Default for WriteQueue<E> {
    fn default() -> Self {
        Self {
            writing: None,
            stuck: false,
            next: Step::default(),
            bytes: 0,
            effects: 0,
        }
    }
}

fn size(batch: &Batch) -> usize {
    batch
        .changes
        .iter()
        .map(|c| c.key.len() + c.value.as_ref().map_or(0, Vec::len))
        .sum()
}

impl<E> WriteQueue<E> {
    /// Takes what one input asked for. Gives back what may be done at once: everything, when there
    /// is nothing to write and nothing ahead.
    pub fn push(&mut self, batch: Batch, then: Vec<E>) -> Vec<E> {
        if batch.is_empty() && self.next.batch.is_empty() {
            let Some((_, waiting)) = &mut self.writing else {
                return then;
            };
            self.effects += then.len();
            waiting.extend(then);
            return Vec::new();
        }
        self.bytes += size(&batch);
        self.effects += then.len();
        self.next.batch.append(batch);
        self.next.then.extend(then);
        Vec::new()
    }

    /// The batch to write now, if there is one and none is being written.
    pub fn begin(&mut self) -> Option<Rc<Batch>> {
        if self.writing.is_some() || self.next.batch.is_empty() {
            return None;
        }
        let step = std::mem::take(&mut self.next);
        let batch = Rc::new(step.batch);
        self.writing = Some((Rc::clone(&batch), step.then));
        Some(batch)
    }

    /// The batch is committed: what may be done now, in order.
    pub fn committed(&mut self) -> Vec<E> {
        let Some((batch, then)) = self.writing.take() else {
            return Vec::new();
        };
        self.stuck = false;
        self.bytes -= size(&batch);
        self.effects -= then.len();
        then
    }

    /// The batch was refused. It is kept, and everything waits behind it.
    pub fn failed(&mut self) {
        self.stuck = self.writing.is_some();
    }

    /// The refused batch, to be written again.
    pub fn retry(&mut self) -> Option<Rc<Batch>> {
        if !std::mem::take(&mut self.stuck) {
            return None;
        }
        self.writing.as_ref().map(|(batch, _)| Rc::clone(batch))
    }

    /// Whether another input may be taken: at most [`QUEUED_BYTES_MAX`] bytes and
    /// [`QUEUED_EFFECTS_MAX`] effects wait.
    pub fn has_room(&self) -> bool {
        self.bytes <= QUEUED_BYTES_MAX && self.effects <= QUEUED_EFFECTS_MAX
    }

    /// Whether everything is written.
    pub fn is_idle(&self) -> bool {
        self.writing.is_none() && self.next.batch.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(key: u8) -> Batch {
        let mut batch = Batch::default();
        batch.put(vec![key], vec![key; 3]);
        batch
    }

    fn keys(batch: &Batch) -> Vec<u8> {
        batch.changes.iter().map(|change| change.key[0]).collect()
    }

    #[test]
    fn with_nothing_to_write_and_nothing_ahead_effects_go_straight_through() {
        let mut queue = WriteQueue::default();
        assert_eq!(queue.push(Batch::default(), vec!["send"]), ["send"]);
        assert!(queue.is_idle());
        assert!(queue.begin().is_none());
    }

    #[test]
    fn nothing_is_done_before_it_is_kept() {
        let mut queue = WriteQueue::default();
        assert!(queue.push(write(1), vec!["send 1"]).is_empty());
        assert_eq!(keys(&queue.begin().unwrap()), [1]);
        assert!(queue.begin().is_none(), "one transaction at a time");
        assert_eq!(queue.committed(), ["send 1"]);
        assert!(queue.is_idle());
    }

    #[test]
    fn inputs_that_come_during_a_write_share_the_next_one_in_order() {
        let mut queue = WriteQueue::default();
        queue.push(write(1), vec!["send 1"]);
        queue.begin();
        assert!(queue.push(write(2), vec!["send 2"]).is_empty());
        assert!(queue.push(Batch::default(), vec!["redraw"]).is_empty());
        assert!(queue.push(write(3), vec!["send 3"]).is_empty());
        assert_eq!(queue.committed(), ["send 1"]);
        assert_eq!(keys(&queue.begin().unwrap()), [2, 3]);
        assert_eq!(queue.committed(), ["send 2", "redraw", "send 3"]);
    }

    #[test]
    fn an_input_without_writes_waits_only_for_what_is_ahead() {
        let mut queue = WriteQueue::default();
        queue.push(write(1), vec!["send 1"]);
        queue.begin();
        assert!(queue.push(Batch::default(), vec!["after 1"]).is_empty());
        assert_eq!(queue.committed(), ["send 1", "after 1"]);
        assert!(queue.begin().is_none());
    }

    #[test]
    fn a_refused_batch_is_tried_again_unchanged_and_loses_nothing() {
        let mut queue = WriteQueue::default();
        queue.push(write(1), vec!["send 1"]);
        let first = queue.begin().unwrap();
        queue.failed();
        assert!(queue.push(write(2), vec!["send 2"]).is_empty());
        assert!(queue.begin().is_none(), "nothing overtakes it");
        let again = queue.retry().unwrap();
        assert_eq!(first, again);
        assert!(queue.retry().is_none(), "it is being written already");
        queue.failed();
        assert!(queue.retry().is_some());
        assert_eq!(queue.committed(), ["send 1"]);
        assert_eq!(keys(&queue.begin().unwrap()), [2]);
        assert_eq!(queue.committed(), ["send 2"]);
        assert!(queue.is_idle());
    }

    #[test]
    fn a_retry_with_nothing_refused_does_nothing() {
        let mut queue = WriteQueue::<()>::default();
        queue.failed();
        assert!(queue.retry().is_none());
        assert!(queue.committed().is_empty());
    }

    #[test]
    fn the_bytes_that_wait_are_bounded() {
        let mut queue = WriteQueue::default();
        let mut batch = Batch::default();
        batch.put(vec![0], vec![0; QUEUED_BYTES_MAX - 1]);
        queue.push(batch, vec!["send"]);
        assert!(queue.has_room());
        let mut one = Batch::default();
        one.delete(vec![1]);
        queue.push(one, vec![]);
        assert!(!queue.has_room());
        queue.begin();
        assert!(!queue.has_room(), "what is being written counts");
        queue.committed();
        assert!(queue.has_room());
    }

    #[test]
    fn the_effects_that_wait_are_bounded() {
        let mut queue = WriteQueue::default();
        queue.push(write(1), vec![(); QUEUED_EFFECTS_MAX]);
        queue.begin();
        assert!(queue.has_room());
        queue.push(Batch::default(), vec![()]);
        assert!(!queue.has_room());
        assert_eq!(queue.committed().len(), QUEUED_EFFECTS_MAX + 1);
        assert!(queue.has_room());
    }
}
