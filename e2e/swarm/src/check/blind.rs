//! A supernode sees no text, and on sessions that deposit not who the sender is.

use std::collections::BTreeSet;

use shared::base::effects::{Batch, LinkId};
use shared::base::id::PersonaId;
use shared::session::wire::ClientFrame;

/// Every text begins with this; a supernode never sees it.
pub const MARKER: &str = "plain-as-day";

/// See the module.
#[derive(Debug, Default)]
pub struct Blind {
    claimed: BTreeSet<(usize, LinkId)>,
}

impl Blind {
    /// The process is gone, and its links with it.
    pub fn died(&mut self, node: usize) {
        self.claimed.retain(|(of, _)| *of != node);
    }

    /// A supernode hears this of a person.
    ///
    /// # Errors
    /// It learns text, or who deposits.
    pub fn hears(
        &mut self,
        (node, link): (usize, LinkId),
        persona: Option<PersonaId>,
        frame: Option<&ClientFrame>,
        bytes: &[u8],
    ) -> Result<(), String> {
        if holds(bytes, MARKER.as_bytes()) {
            return Err(format!("supernode {node} is told text"));
        }
        match frame {
            Some(ClientFrame::Claim { .. }) => {
                self.claimed.insert((node, link));
            }
            Some(ClientFrame::Deposit { .. }) if self.claimed.contains(&(node, link)) => {
                return Err(format!(
                    "a deposit comes to supernode {node} on a session that said who it is"
                ));
            }
            _ if self.claimed.contains(&(node, link)) => {}
            _ => {
                if persona.is_some_and(|persona| holds(bytes, persona.as_bytes())) {
                    return Err(format!("supernode {node} is told who deposits"));
                }
            }
        }
        Ok(())
    }
}

/// A supernode wants this written.
///
/// # Errors
/// There is text in it.
pub fn writes(node: usize, batch: &Batch) -> Result<(), String> {
    let mut values = batch.changes.iter().filter_map(|it| it.value.as_ref());
    if values.any(|value| holds(value, MARKER.as_bytes())) {
        return Err(format!("supernode {node} writes text to its disk"));
    }
    Ok(())
}

/// Whether `needle` is somewhere in `bytes`.
#[must_use]
pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else {
        return true;
    };
    let mut from = bytes;
    while let Some(at) = from.iter().position(|byte| byte == first) {
        from = &from[at + 1..];
        if from.starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_wherever_it_is_and_only_there() {
        for (bytes, found) in [
            ("abcd", true),
            ("xabcd", true),
            ("ababcdx", true),
            ("abc", false),
            ("", false),
        ] {
            assert_eq!(holds(bytes.as_bytes(), b"abcd"), found, "{bytes}");
        }
    }
}
