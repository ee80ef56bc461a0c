//! Whether a channel carries messages both ways. An open channel is not yet a working one, and a
//! contact is shown as reachable only after theirs works. Each side sends one byte and echoes the
//! other's; messages of the core are never one byte long, so they cannot be mistaken for it.

/// "Do you hear me?"
const PROBE: u8 = 0;
/// "I heard you."
const ECHO: u8 = 1;

/// The first message on an open channel.
pub const FIRST: [u8; 1] = [PROBE];

/// What was heard so far.
#[derive(Default)]
pub struct Probe {
    heard: bool,
    echoed: bool,
}

/// What a message means.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is the core's.
    Message,
    /// It is part of the probe; this is to be sent back.
    Answer([u8; 1]),
    /// It is part of the probe.
    Nothing,
}

impl Probe {
    /// Takes a message that arrived.
    pub fn hear(&mut self, message: &[u8]) -> Heard {
        match message {
            [PROBE] => {
                self.heard = true;
                Heard::Answer([ECHO])
            }
            [ECHO] => {
                self.echoed = true;
                Heard::Nothing
            }
            // Empty, or one byte of something newer.
            [] | [_] => Heard::Nothing,
            _ => Heard::Message,
        }
    }

    /// Whether the channel has carried a message each way.
    pub fn works(&self) -> bool {
        self.heard && self.echoed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_works_once_both_have_heard_each_other() {
        let (mut ann, mut ben) = (Probe::default(), Probe::default());
        let Heard::Answer(echo) = ben.hear(&FIRST) else {
            panic!("a probe is answered")
        };
        assert!(!ben.works(), "ben does not know yet whether ann hears him");
        assert_eq!(ann.hear(&echo), Heard::Nothing);
        assert!(!ann.works());
        let Heard::Answer(echo) = ann.hear(&FIRST) else {
            panic!("a probe is answered")
        };
        assert!(ann.works());
        ben.hear(&echo);
        assert!(ben.works());
    }

    #[test]
    fn only_longer_messages_reach_the_core() {
        let mut probe = Probe::default();
        assert_eq!(probe.hear(&[]), Heard::Nothing);
        assert_eq!(probe.hear(&[7]), Heard::Nothing);
        assert_eq!(probe.hear(&[0, 1]), Heard::Message);
        assert!(!probe.works());
    }
}
