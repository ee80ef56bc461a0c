//! The browser's secure random numbers.

use shared::base::random::Random;

/// `crypto.getRandomValues`.
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Every browser that runs WebAssembly has it; without it no key may be made.
        getrandom::fill(bytes).expect("the browser has crypto.getRandomValues");
    }
}
