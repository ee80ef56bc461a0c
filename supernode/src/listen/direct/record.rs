//! Records of DTLS (RFC 6347 §4.1), as far as they show without a key.

/// Bytes before a record's content: kind, version, epoch, sequence number, length.
const HEAD_LEN: usize = 13;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
/// The only epoch with keys: nobody negotiates others.
const EPOCH: [u8; 2] = [0, 1];

/// Whether a datagram begins with an unencrypted handshake.
pub fn begins_handshake(datagram: &[u8]) -> bool {
    matches!(datagram, [HANDSHAKE, _, _, 0, 0, ..])
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
