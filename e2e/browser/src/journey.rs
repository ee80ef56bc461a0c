//! Running one journey: its turn, its runtime, its evidence.

use anyhow::Result;
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::settings;
use crate::world::World;

/// A journey that takes longer than this hangs.
const JOURNEY_TIME_MAX: Duration = Duration::from_secs(240);

/// Runs `story` in a world of its own and fails the calling test when it fails or panics, leaving
/// evidence. At most [`settings::journeys_at_once`] run at a time in one program.
///
/// # Panics
/// When the story fails: it is the body of a test.
pub fn run(name: &str, story: impl AsyncFnOnce(&World) -> Result<()>) {
    let _turn = Turn::wait();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime needs no more than threads");
    runtime.block_on(async {
        let world = World::new(name).expect("a journey needs a temporary folder");
        let told = AssertUnwindSafe(async {
            story(&world).await?;
            world.verify_consoles().await
        });
        let failure = match tokio::time::timeout(JOURNEY_TIME_MAX, told.catch_unwind()).await {
            Ok(Ok(Ok(()))) => return,
            Ok(Ok(Err(error))) => format!("{error:?}"),
            Ok(Err(panic)) => words_of(panic.as_ref()),
            Err(_) => format!("not done after {JOURNEY_TIME_MAX:?}"),
        };
        world.keep_evidence(&failure).await;
        panic!(
            "{name}: {failure}\nevidence: {}",
            world.artefacts().display()
        );
    });
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// The right to run now; given back on drop.
struct Turn;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ONE_ENDED: Condvar = Condvar::new();

impl Turn {
    fn wait() -> Self {
        let most = settings::journeys_at_once();
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut running = ONE_ENDED
            .wait_while(running, |count| *count >= most)
            .unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ONE_ENDED.notify_one();
    }
}
