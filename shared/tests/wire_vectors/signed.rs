//! What is signed or sealed: the files hold it as it was carried, and the keys are here.

use shared::base::id::{DeviceId, EnvelopeId, NodeId, PersonaId, SealKey};
use shared::base::random::Random;
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::gates::token::Token;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::identity::secret::PersonaSecret;
use shared::invite::Invite;
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::parcel::{Body, Parcel};
use shared::mailbox::seal::{open, seal};
use shared::signalling::wire::Signal;

use super::frames::capability;
use super::frozen::bytes;
use super::letters::home;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const TO: PersonaId = PersonaId([1; 32]);
const ID: EnvelopeId = EnvelopeId([2; 16]);

/// The same byte always.
struct Fixed(u8);

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

pub fn files() -> Vec<String> {
    let files = [
        "signed-devices.1",
        "signed-parcel.1",
        "sealed.1",
        "invite.1",
        "capability.1",
        "token.1",
    ];
    files.map(str::to_owned).to_vec()
}

#[test]
fn a_signed_device_list_is_frozen() {
    let key = SigningKey::from_seed([1; 32]);
    let list = DeviceList {
        persona: PersonaId(key.public()),
        version: 1,
        previous: None,
        at: NOW,
        devices: vec![DeviceEntry {
            device: DeviceId([2; 32]),
            seal: SealKey([3; 32]),
            since: NOW,
        }],
    };
    let signed = VerifiedDeviceList::sign(&list, &key).unwrap();
    let carried = bytes("signed-devices.1", signed.carried());
    assert_eq!(VerifiedDeviceList::verify(&carried), Ok(signed));
}

#[test]
fn a_signed_parcel_is_frozen() {
    let key = SigningKey::from_seed([2; 32]);
    let parcel = Parcel {
        to: TO,
        envelope: ID,
        from: PersonaId([3; 32]),
        device: DeviceId(key.public()),
        at: NOW,
        body: Body::Signal(Signal::Knock),
        number: None,
        taken: Vec::new(),
    };
    let carried = bytes("signed-parcel.1", &parcel.sign(&key));
    assert_eq!(carried, parcel.sign(&key));
    assert_eq!(Parcel::verify(&carried, &TO, &ID), Ok(parcel));
}

#[test]
fn sealed_bytes_are_frozen() {
    let secret = PersonaSecret::from_seed([4; 32]);
    let to = [secret.inbox().public()];
    let would_be = seal(b"hello", &TO, &ID, &to, &mut Fixed(5)).unwrap();
    let sealed = bytes("sealed.1", &would_be);
    let opened = open(&sealed, &TO, &ID, &[secret.inbox()]);
    assert_eq!(opened.as_deref(), Ok(&b"hello"[..]));
}

#[test]
fn an_invite_is_frozen() {
    let invite = Invite {
        persona: TO,
        inbox: SealKey([6; 32]),
        capability: capability(),
        name: "Ann".into(),
        homes: vec![home()],
    };
    let code = bytes("invite.1", invite.to_code().as_bytes());
    let code = String::from_utf8(code).unwrap();
    assert_eq!(code, invite.to_code());
    assert_eq!(Invite::read(&code, Timestamp(0)), Ok(invite));
}

#[test]
fn the_right_to_deposit_and_to_register_are_frozen() {
    let secret = [7; 32];
    let until = Some(NOW);
    let issued = Capability::issue(&secret, &TO, Lane::Invite, until, &mut Fixed(8));
    let carried = bytes("capability.1", &issued.to_bytes());
    let read = Capability::from_bytes(&carried).unwrap();
    assert_eq!(read, issued);
    assert!(read.verify(&secret, &TO, NOW).is_ok());

    let key = SigningKey::from_seed([9; 32]);
    let issued = Token::issue(&key, NOW, &mut Fixed(10));
    let text = bytes("token.1", issued.to_text().as_bytes());
    let read = Token::from_text(std::str::from_utf8(&text).unwrap()).unwrap();
    assert_eq!(read, issued);
    assert!(read.verify(&key, NOW).is_ok());
    assert_ne!(NodeId(key.public()), NodeId([0; 32]));
}
