//! What is sealed and signed. The fuzzer's values are signed by a key of ours, and then changed: what
//! still verifies says exactly what was signed.

use arbitrary::Unstructured;
use shared::base::codec::{decode, encode};
use shared::base::id::{DeviceId, EnvelopeId, PersonaId};
use shared::base::limits::{DEVICE_LIST_BYTES_MAX, DEVICES_MAX, ENVELOPE_BYTES_MAX};
use shared::base::sign::SigningKey;
use shared::conversation::content::Content;
use shared::identity::list::{DeviceList, VerifiedDeviceList};
use shared::identity::secret::PersonaSecret;
use shared::mailbox::parcel::Parcel;
use shared::mailbox::seal::{open, seal};

use crate::chance::Bytes;
use crate::edit::edited;

const TO: PersonaId = PersonaId([7; 32]);
const ID: EnvelopeId = EnvelopeId([8; 16]);

/// Sealed bytes: what was sealed, changed; and anything.
pub fn sealed(bytes: &[u8]) -> bool {
    let secret = PersonaSecret::from_seed([1; 32]);
    let secrets = [secret.inbox()];
    let anything = open(bytes, &TO, &ID, &secrets).is_ok();
    let mut input = Unstructured::new(bytes);
    let len = input.int_in_range(0..=200).unwrap_or(0).min(input.len());
    let content = input.bytes(len).unwrap_or_default();
    let random = &mut Bytes::of(1);
    let Ok(good) = seal(content, &TO, &ID, &[secret.inbox().public()], random) else {
        panic!("{len} bytes cannot be sealed");
    };
    let changed = edited(&good, &mut input);
    match open(&changed, &TO, &ID, &secrets) {
        Ok(opened) => assert_eq!(opened, content, "opened as something else"),
        Err(error) => assert_ne!(changed, good, "{error}"),
    }
    let elsewhere = EnvelopeId([9; 16]);
    assert!(open(&good, &TO, &elsewhere, &secrets).is_err());
    anything || changed == good
}

/// The first byte says how many bytes after it choose the edits; what is left is signed.
fn edits_and_payload(bytes: &[u8]) -> (Unstructured<'_>, &[u8]) {
    let (len, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let (edits, payload) = rest.split_at((usize::from(*len) % 32).min(rest.len()));
    (Unstructured::new(edits), payload)
}

/// A parcel as carried.
pub fn parcel(bytes: &[u8]) -> bool {
    let _ = Parcel::verify(bytes, &TO, &ID);
    let (mut input, payload) = edits_and_payload(bytes);
    let Ok(mut parcel) = decode::<Parcel>(payload, ENVELOPE_BYTES_MAX) else {
        return false;
    };
    let device = SigningKey::from_seed([2; 32]);
    parcel.device = DeviceId(device.public());
    let signed = parcel.sign(&device);
    let changed = edited(&signed, &mut input);
    let (to, id) = (parcel.to, parcel.envelope);
    match Parcel::verify(&changed, &to, &id) {
        Ok(read) => assert_eq!(read, parcel, "verified as something else"),
        Err(error) => {
            assert!(
                changed != signed || signed.len() > ENVELOPE_BYTES_MAX,
                "{error}"
            );
        }
    }
    if to != TO {
        assert!(Parcel::verify(&signed, &TO, &id).is_err(), "for another");
    }
    true
}

/// A signed device list. It is named by the hash of its bytes as carried, so it is carried in one way.
pub fn device_list(bytes: &[u8]) -> bool {
    let _ = VerifiedDeviceList::verify(bytes);
    let _ = VerifiedDeviceList::restore(bytes);
    let (mut input, payload) = edits_and_payload(bytes);
    let Ok(mut list) = decode::<DeviceList>(payload, DEVICE_LIST_BYTES_MAX) else {
        return false;
    };
    let persona = SigningKey::from_seed([3; 32]);
    list.persona = PersonaId(persona.public());
    let Ok(good) = VerifiedDeviceList::sign(&list, &persona) else {
        return false;
    };
    assert_eq!(good.list(), &list);
    assert!((1..=DEVICES_MAX).contains(&list.devices.len()));
    let changed = edited(good.carried(), &mut input);
    if let Ok(read) = VerifiedDeviceList::verify(&changed) {
        assert_eq!(read, good, "one list has two forms");
    }
    assert_eq!(VerifiedDeviceList::restore(good.carried()), Ok(good));
    true
}

/// What a message says.
pub fn content(bytes: &[u8]) -> bool {
    let Ok(content) = Content::read(bytes) else {
        return false;
    };
    let written = content.to_bytes();
    assert_eq!(written, encode(&content));
    assert_eq!(Content::read(&written).as_ref(), Ok(&content));
    true
}
