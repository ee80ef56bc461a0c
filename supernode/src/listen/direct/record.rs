//! Records of DTLS (RFC 6347 §4.1), as far as they show without a key.

/// Bytes before a record's content: kind, version, epoch, sequence number, length.
const HEAD_LEN: usize = 13;
/// Bytes before a fragment of a handshake: kind, length, number, where it begins, its own length (RFC 6347 §4.2.2).
const FRAGMENT_HEAD_LEN: usize = 12;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// The only epoch with keys: nobody negotiates others.
const EPOCH: [u8; 2] = [0, 1];

/// Whether a datagram begins with an unencrypted handshake.
pub fn begins_handshake(datagram: &[u8]) -> bool {
    matches!(datagram, [HANDSHAKE, _, _, 0, 0, ..])
}

/// How many records a datagram has, and how many fragments of handshakes are in those that are not encrypted. `None` for
/// what no browser sends: fragments of nothing, or of another length than is there.
pub fn handshake_parts(datagram: &[u8]) -> Option<(usize, usize)> {
    let (mut rest, mut records, mut fragments) = (datagram, 0, 0);
    while let Some((head, behind)) = rest.split_first_chunk::<HEAD_LEN>() {
        let [kind, _, _, epoch_high, epoch_low, .., len_high, len_low] = *head;
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let mut body = behind.get(..len)?;
        records += 1;
        if kind == HANDSHAKE && [epoch_high, epoch_low] == [0, 0] {
            while let Some((head, behind)) = body.split_first_chunk::<FRAGMENT_HEAD_LEN>() {
                let [_, a, b, c, .., d, e, f] = *head;
                let whole = u32::from_be_bytes([0, a, b, c]);
                let part = u32::from_be_bytes([0, d, e, f]);
                if part == 0 && whole != 0 {
                    return None;
                }
                fragments += 1;
                body = behind.get(part as usize..)?;
            }
            if !body.is_empty() {
                return None;
            }
        }
        rest = behind.get(len..)?;
    }
    rest.is_empty().then_some((records, fragments))
}

/// Whether a datagram holds nothing but records that may come when the data channel is open: encrypted
/// data and alerts. Others would be looked at unencrypted, and anybody may send them.
pub fn are_of_open_channel(datagram: &[u8]) -> bool {
    let mut rest = datagram;
    while let Some((head, behind)) = rest.split_first_chunk::<HEAD_LEN>() {
        let [kind, _, _, epoch_high, epoch_low, .., len_high, len_low] = *head;
        let len = usize::from(u16::from_be_bytes([len_high, len_low]));
        let fits = matches!(kind, ALERT | APPLICATION_DATA) && [epoch_high, epoch_low] == EPOCH;
        match behind.get(len..) {
            Some(behind) if fits => rest = behind,
            _ => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, epoch: u8, len: u8) -> Vec<u8> {
        let mut record = vec![kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 1, 0, len];
        record.resize(HEAD_LEN + usize::from(len), 9);
        record
    }

    #[test]
    fn encrypted_data_and_alerts_pass() {
        let (data, alert) = (record(23, 1, 40), record(21, 1, 30));
        assert!(are_of_open_channel(&data) && are_of_open_channel(&alert));
        assert!(are_of_open_channel(&[data, alert].concat()));
    }

    /// A fragment that says it has so many of so many bytes, and what is there.
    fn fragment(whole: u8, part: u8, there: usize) -> Vec<u8> {
        let head = [1, 0, 0, whole, 0, 0, 0, 0, 0, 0, 0, part];
        [&head[..], &vec![7; there]].concat()
    }

    fn handshake(body: &[u8]) -> Vec<u8> {
        let mut record = record(22, 0, 0);
        record[12] = body.len() as u8;
        [record, body.to_vec()].concat()
    }

    #[test]
    fn handshakes_are_counted_by_their_parts() {
        let one = handshake(&fragment(40, 40, 40));
        assert_eq!(handshake_parts(&one), Some((1, 1)));
        let two = handshake(&[fragment(40, 20, 20), fragment(0, 0, 0)].concat());
        assert_eq!(handshake_parts(&[one, two].concat()), Some((2, 3)));
        assert_eq!(handshake_parts(&record(23, 1, 40)), Some((1, 0)));
        for bad in [
            handshake(&fragment(40, 0, 0)),
            handshake(&fragment(40, 20, 19)),
            handshake(&fragment(40, 20, 21)),
            vec![22],
            record(23, 1, 9)[..15].to_vec(),
        ] {
            assert_eq!(handshake_parts(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_handshake_begins_unencrypted() {
        assert!(begins_handshake(&record(22, 0, 9)));
        for other in [record(22, 1, 9), record(23, 1, 9), Vec::new()] {
            assert!(!begins_handshake(&other));
        }
    }

    #[test]
    fn nothing_else_does() {
        let data = record(23, 1, 40);
        for bad in [
            record(20, 1, 1),
            record(22, 1, 9),
            record(23, 0, 9),
            record(23, 2, 9),
            record(24, 1, 9),
        ] {
            assert!(!are_of_open_channel(&bad));
            assert!(!are_of_open_channel(&[&data[..], &bad].concat()));
        }
        for len in 1..data.len() {
            assert!(!are_of_open_channel(&data[..len]), "{len}");
        }
    }
}
