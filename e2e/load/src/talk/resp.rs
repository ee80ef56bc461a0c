//! Redis' protocol (RESP 2): a mailbox is a list, a deposit an `RPUSH`.

use anyhow::{Result, bail};

use super::{Heard, Talk};

/// A connected client.
pub struct Resp {
    key: String,
    body: Vec<u8>,
}

impl Resp {
    /// Appends messages of `len` bytes to the list `key`.
    #[must_use]
    pub fn new(key: &str, len: usize) -> Self {
        Self {
            key: key.to_owned(),
            body: vec![7; len],
        }
    }
}

impl Talk for Resp {
    fn say(&mut self, _: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(b"*3\r\n");
        for word in [b"RPUSH", self.key.as_bytes(), &self.body] {
            out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            out.extend_from_slice(word);
            out.extend_from_slice(b"\r\n");
        }
    }

    fn hear(&mut self, bytes: &[u8], _: &mut Vec<u8>) -> Result<(usize, Heard)> {
        let mut used = 0;
        let mut heard = Heard::default();
        while let Some(rest) = bytes.get(used..)
            && let Some(end) = rest.windows(2).position(|two| two == b"\r\n")
        {
            used += end + 2;
            if !rest.starts_with(b":") {
                bail!("refused: {}", String::from_utf8_lossy(&rest[..end]));
            }
            heard.answered += 1;
        }
        Ok((used, heard))
    }
}
