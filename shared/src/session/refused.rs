//! Why a supernode ends a session, or refuses something in it.

use alloc::string::{String, ToString};

use super::wire::{NodeFrame, Refusal};

/// A refusal that ends the session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {text}")]
pub struct Refused {
    /// Stable code.
    pub code: Refusal,
    /// For people reading logs.
    pub text: String,
    /// Come back after this many milliseconds; 0 means any time.
    pub retry_after_ms: u64,
}

impl Refused {
    /// A refusal after which one may come back at any time.
    #[must_use]
    pub fn new(code: Refusal, text: &str) -> Self {
        Self {
            code,
            text: text.to_string(),
            retry_after_ms: 0,
        }
    }

    /// Too much, too fast: come back after `retry_after_ms`.
    #[must_use]
    pub fn slow_down(text: &str, retry_after_ms: u64) -> Self {
        Self {
            code: Refusal::SlowDown,
            text: text.to_string(),
            retry_after_ms,
        }
    }

    /// As sent.
    #[must_use]
    pub fn into_frame(self) -> NodeFrame {
        NodeFrame::Refused {
            code: self.code,
            text: self.text,
            retry_after_ms: self.retry_after_ms,
        }
    }
}
