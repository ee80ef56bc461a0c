//! The operating system's randomness, for the relay.

use ring::rand::{SecureRandom, SystemRandom};
use shared::base::random::Random;

/// Random bytes from the operating system.
#[derive(Debug, Default)]
pub struct System {
    source: Option<SystemRandom>,
}

impl Random for System {
    fn fill(&mut self, bytes: &mut [u8]) {
        let source = self.source.get_or_insert_with(SystemRandom::new);
        // Without randomness no handshake is safe; there is nothing to fall back to.
        source
            .fill(bytes)
            .expect("the operating system gives random bytes");
    }
}
