//! What is signed, sealed or has a checksum: what comes out is what went in.

use proptest::collection::vec;
use proptest::prelude::*;
use shared::base::id::{DeviceId, EnvelopeId, Hash, NodeId, PersonaId};
use shared::base::limits::{
    DEVICE_LIST_BYTES_MAX, DEVICES_MAX, ENVELOPE_BYTES_MAX, INVITE_BYTES_MAX,
};
use shared::base::sign::SigningKey;
use shared::base::time::Timestamp;
use shared::identity::list::{DeviceEntry, DeviceList, VerifiedDeviceList};
use shared::identity::secret::PersonaSecret;
use shared::invite::{Home, Invite};
use shared::mailbox::capability::{Capability, Lane};
use shared::mailbox::parcel::Parcel;
use shared::mailbox::seal::{open, seal};

use super::letters::parcel;
use super::round_trip::{any_code, any_kind, drawn, for_all, round_trips};
use super::values::{Same, Values, bytes, capability, id, moment, name, number, route, seal_key};

/// Two homes of one such route fit an invite together with the longest name.
const INVITE_ROUTE_MAX: usize = 50;
/// Some bytes of a sealed content are its signature and its keys.
const SEALED_MAX: usize = ENVELOPE_BYTES_MAX - 1024;

fn key() -> Values<SigningKey> {
    any::<[u8; 32]>().prop_map(SigningKey::from_seed).boxed()
}

fn entry() -> Values<DeviceEntry> {
    drawn!(DeviceEntry {
        device: id(DeviceId),
        seal: seal_key(),
        since: moment(),
    })
}

fn list() -> Values<DeviceList> {
    let later = (2..=u64::MAX, id(Hash)).prop_map(|(version, hash)| (version, Some(hash)));
    let versions = prop_oneof![Just((1, None)), later];
    let drawn = (
        id(PersonaId),
        versions,
        moment(),
        vec(entry(), 1..=DEVICES_MAX),
    );
    drawn
        .prop_map(|(persona, (version, previous), at, devices)| DeviceList {
            persona,
            version,
            previous,
            at,
            devices,
        })
        .boxed()
}

fn invite() -> Values<Invite> {
    let home = drawn!(Home {
        node: id(NodeId),
        routes: vec(route(INVITE_ROUTE_MAX), 1..=1),
    });
    drawn!(Invite {
        persona: id(PersonaId),
        inbox: seal_key(),
        capability: capability(),
        name: name(),
        homes: vec(home, 1..=2),
    })
}

fn lane() -> Values<Lane> {
    any_code!(Lane: Contact, Invite, Public)
}

#[test]
fn a_device_list_is_read_back_and_verifies() {
    round_trips(DEVICE_LIST_BYTES_MAX, list());
    for_all((key(), list()), |(key, list)| {
        let persona = PersonaId(key.public());
        let list = DeviceList { persona, ..list };
        let signed = VerifiedDeviceList::sign(&list, &key).unwrap();
        prop_assert!(signed.carried().len() <= DEVICE_LIST_BYTES_MAX);
        let again = VerifiedDeviceList::sign(&list, &key).unwrap();
        prop_assert_eq!(again.carried(), signed.carried());
        let read = VerifiedDeviceList::verify(signed.carried()).unwrap();
        prop_assert_eq!(read.list(), &list);
        prop_assert_eq!(read, signed);
        Ok(())
    });
}

#[test]
fn a_signed_parcel_is_read_back_and_verifies() {
    for_all((key(), parcel()), |(key, parcel)| {
        let device = DeviceId(key.public());
        let parcel = Parcel { device, ..parcel };
        let carried = parcel.sign(&key);
        prop_assert!(carried.len() <= ENVELOPE_BYTES_MAX);
        prop_assert_eq!(&parcel.sign(&key), &carried);
        let read = Parcel::verify(&carried, &parcel.to, &parcel.envelope);
        prop_assert_eq!(read, Ok(parcel));
        Ok(())
    });
}

#[test]
fn what_is_sealed_is_opened_by_each_it_is_sealed_to() {
    let keys = vec(any::<[u8; 32]>(), 1..=3);
    let where_to = (id(PersonaId), id(EnvelopeId), any::<u8>());
    let cases = (keys, bytes(SEALED_MAX), where_to);
    for_all(cases, |(seeds, content, (to, envelope, random))| {
        let secrets: Vec<_> = seeds.into_iter().map(PersonaSecret::from_seed).collect();
        let publics: Vec<_> = secrets.iter().map(|it| it.inbox().public()).collect();
        let sealed = || seal(&content, &to, &envelope, &publics, &mut Same(random)).unwrap();
        let bytes = sealed();
        prop_assert!(bytes.len() <= ENVELOPE_BYTES_MAX);
        prop_assert_eq!(&sealed(), &bytes);
        for secret in &secrets {
            let opened = open(&bytes, &to, &envelope, &[secret.inbox()]);
            prop_assert_eq!(opened.as_ref(), Ok(&content));
        }
        Ok(())
    });
}

#[test]
fn an_invite_is_read_back_from_its_code_and_its_link() {
    round_trips(INVITE_BYTES_MAX, invite());
    for_all(invite(), |invite| {
        let code = invite.to_code();
        prop_assert_eq!(&invite.to_code(), &code);
        let link = format!("https://kith.example/#/i/{code}");
        for text in [&code, &link] {
            let read = Invite::read(text, Timestamp(0)).unwrap();
            prop_assert_eq!(&read.to_code(), &code);
            prop_assert_eq!(&read, &invite);
        }
        Ok(())
    });
}

#[test]
fn a_right_to_deposit_is_read_back_and_admits() {
    let until = proptest::option::of(number().prop_map(Timestamp));
    let cases = (any::<[u8; 32]>(), id(PersonaId), lane(), until, any::<u8>());
    for_all(cases, |(secret, to, lane, until, random)| {
        let issued = Capability::issue(&secret, &to, lane, until, &mut Same(random));
        let read = Capability::from_bytes(&issued.to_bytes()).unwrap();
        prop_assert_eq!(read, issued);
        let admitted = read.verify(&secret, &to, Timestamp(0)).unwrap();
        prop_assert_eq!((admitted.lane, admitted.serial), (lane, issued.serial));
        Ok(())
    });
}
