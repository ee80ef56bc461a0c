//! Packets of SCTP (RFC 9260 §3), as far as a browser sends them. What it never sends, and what would take more time or
//! memory than it is worth, does not reach the association.

/// Bytes before the first chunk.
const HEAD_LEN: usize = 12;
/// What a chunk of data costs in memory, besides its bytes.
pub const CHUNK_COST: usize = 256;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// It is the association's; its data costs so much memory until it is read.
    Good(usize),
    /// It means nothing here.
    Useless,
    /// The client closes the channel.
    Closes,
    /// No browser sends it.
    Bad,
}

/// Looks at a packet's chunks. `is_up`: whether the association is established.
pub fn judge(packet: &[u8], is_up: bool) -> Judged {
    let mut rest = packet.get(HEAD_LEN..).unwrap_or_default();
    let (mut cost, mut heartbeats) = (0, 0);
    while let [kind, flags, len_high, len_low, ..] = *rest {
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let Some(chunk) = rest.get(..len).filter(|chunk| chunk.len() >= 4) else {
            return Judged::Useless;
        };
        match kind {
            // DATA: ordered, on stream 0.
            0 => match *chunk {
                [_, _, _, _, _, _, _, _, 0, 0, ..] if flags & UNORDERED == 0 => {
                    cost += len + CHUNK_COST;
                }
                _ => return Judged::Bad,
            },
            // INIT: once it is up, one that was long on its way.
            1 if is_up => return Judged::Useless,
            4 if heartbeats == 1 => return Judged::Bad,
            4 => heartbeats += 1,
            // INIT, SACK, HEARTBEAT-ACK, ABORT, SHUTDOWN, SHUTDOWN-ACK, ERROR, COOKIE-ECHO, COOKIE-ACK, SHUTDOWN-COMPLETE.
            1 | 3 | 5..=11 | 14 => {}
            // RE-CONFIG: how a browser closes a channel (RFC 6525, RFC 8831 §6.7).
            130 => return Judged::Closes,
            // FORWARD-TSN: everything here is reliable.
            192 => return Judged::Bad,
            _ => return Judged::Useless,
        }
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    Judged::Good(cost)
}

const UNORDERED: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        let len = (4 + body.len()) as u16;
        let mut chunk = [&[kind, flags][..], &len.to_be_bytes(), body].concat();
        chunk.resize(chunk.len().next_multiple_of(4), 0);
        chunk
    }

    fn packet(chunks: &[Vec<u8>]) -> Vec<u8> {
        [vec![0; HEAD_LEN], chunks.concat()].concat()
    }

    fn data(stream: u8) -> Vec<u8> {
        chunk(0, 3, &[0, 0, 0, 1, 0, stream, 0, 0, 0, 0, 0, 53, 9])
    }

    #[test]
    fn what_browsers_send_passes_and_data_has_a_cost() {
        let two = packet(&[chunk(3, 0, &[0; 12]), data(0), data(0)]);
        assert_eq!(judge(&two, true), Judged::Good(2 * (17 + CHUNK_COST)));
        for kind in [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14] {
            let packet = packet(&[chunk(kind, 0, &[0; 16])]);
            assert_eq!(judge(&packet, false), Judged::Good(0), "{kind}");
        }
    }

    #[test]
    fn what_costs_more_than_it_is_worth_does_not() {
        let heartbeat = chunk(4, 0, &[0; 8]);
        for (chunks, judged) in [
            (vec![data(1)], Judged::Bad),
            (vec![chunk(0, 7, &[0; 13])], Judged::Bad),
            (vec![chunk(0, 3, &[0; 3])], Judged::Bad),
            (vec![chunk(192, 0, &[255; 4])], Judged::Bad),
            (vec![heartbeat.clone(), heartbeat.clone()], Judged::Bad),
            (vec![chunk(130, 0, &[0; 16])], Judged::Closes),
            (vec![chunk(2, 0, &[0; 16])], Judged::Useless),
            (vec![chunk(64, 0, &[0; 16])], Judged::Useless),
            (vec![vec![3, 0, 0, 3]], Judged::Useless),
            (vec![vec![3, 0, 0, 99]], Judged::Useless),
        ] {
            assert_eq!(judge(&packet(&chunks), true), judged, "{chunks:?}");
        }
        assert_eq!(judge(&packet(&[heartbeat]), true), Judged::Good(0));
        let init = packet(&[chunk(1, 0, &[0; 16])]);
        assert_eq!(judge(&init, true), Judged::Useless);
    }
}
