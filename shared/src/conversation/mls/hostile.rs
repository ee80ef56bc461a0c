//! Members who speak MLS well and mean ill: everything that OpenMLS lets through and we must not.

use alloc::vec::Vec;

use openmls::prelude::{
    BasicCredential, Credential, CredentialWithKey, Extension, Extensions, KeyPackage,
    LeafNodeParameters, MlsGroup, MlsMessageOut, StagedWelcome, UnknownExtension,
    tls_codec::Serialize as _,
};

use super::{
    Accepts, DeviceSigner, GroupError, Member, Mls, ReceiveError, Received, config,
    crypto::SUITE,
    key_package::verify_key_package,
    limits::{KEY_PACKAGE_LIFETIME, PROPOSALS_MAX},
    mls_id,
    provider::Provider,
    vectors::welcome_in,
};
use crate::base::{
    id::{ConversationId, DeviceId, PersonaId},
    random::Random,
    time::Timestamp,
};

const GROUP: ConversationId = ConversationId([7; 16]);
const NOW: Timestamp = Timestamp(1_000_000);
const EVERYONE: Accepts<'static> = &|_| true;

/// The same byte always: seeds that differ between people are enough here.
struct Fixed(u8);

impl Random for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// Mallory: a device of her own, OpenMLS without our checks, and any name she likes.
struct Mallory {
    provider: Provider,
    signer: DeviceSigner,
    credential: CredentialWithKey,
}

impl Mallory {
    fn named(credential: Credential) -> Self {
        let signer = DeviceSigner::from_seed(&[66; 32]);
        let provider = Provider::default();
        provider.crypto.seed([66; 32].into());
        let credential = CredentialWithKey {
            credential,
            signature_key: signer.device().0.to_vec().into(),
        };
        Self {
            provider,
            signer,
            credential,
        }
    }

    fn posing_as(member: Member) -> Self {
        Self::named(member.credential().credential)
    }

    fn herself() -> Self {
        let device = DeviceSigner::from_seed(&[66; 32]).device();
        Self::posing_as(Member {
            persona: PersonaId([66; 32]),
            device,
        })
    }

    fn key_package(&self, expiry: Option<&[u8]>) -> Vec<u8> {
        let extensions = expiry.map_or_else(Extensions::empty, |expiry| {
            let data = UnknownExtension(expiry.to_vec());
            Extensions::single(Extension::Unknown(config::EXPIRY_EXTENSION, data)).unwrap()
        });
        let bundle = KeyPackage::builder()
            .leaf_node_capabilities(config::capabilities())
            .key_package_lifetime(config::unbounded())
            .key_package_extensions(extensions)
            .build(SUITE, &self.provider, &self.signer, self.credential.clone())
            .unwrap();
        MlsMessageOut::from(bundle.key_package().clone())
            .tls_serialize_detached()
            .unwrap()
    }

    fn fresh_key_package(&self) -> Vec<u8> {
        self.key_package(Some(&NOW.after(KEY_PACKAGE_LIFETIME).0.to_be_bytes()))
    }

    /// Makes a group with the device of `key_package`.
    fn invite(&self, key_package: &[u8]) -> (MlsGroup, Vec<u8>) {
        let (key_package, _) = verify_key_package(&self.provider.crypto, NOW, key_package).unwrap();
        let mut group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.signer,
            &config::creating(),
            mls_id(GROUP),
            self.credential.clone(),
        )
        .unwrap();
        let (_, welcome, _) = group
            .add_members(&self.provider, &self.signer, &[key_package])
            .unwrap();
        group.merge_pending_commit(&self.provider).unwrap();
        (group, welcome.tls_serialize_detached().unwrap())
    }

    fn join(&self, welcome: &[u8]) -> MlsGroup {
        StagedWelcome::new_from_welcome(
            &self.provider,
            &config::joining(),
            welcome_in(welcome),
            None,
        )
        .unwrap()
        .into_group(&self.provider)
        .unwrap()
    }
}

fn ben() -> Mls {
    Mls::new(PersonaId([2; 32]), &[2; 32])
}

#[test]
fn a_key_package_in_the_name_of_another_device_is_refused() {
    let mut ben = ben();
    let mut start = |key_package: &[u8]| {
        ben.create(&mut Fixed(2), NOW, GROUP, key_package, EVERYONE)
            .map(|_| ())
    };
    let ann = Mls::new(PersonaId([1; 32]), &[1; 32]).me();
    assert_eq!(
        start(&Mallory::posing_as(ann).fresh_key_package()),
        Err(GroupError::Refused)
    );
    for identity in [vec![], vec![1; 32], vec![1; 63], vec![1; 65]] {
        let mallory = Mallory::named(BasicCredential::new(identity).into());
        assert_eq!(
            start(&mallory.fresh_key_package()),
            Err(GroupError::Refused)
        );
    }
    assert_eq!(
        start(&Mallory::herself().fresh_key_package()),
        Ok(()),
        "her own device is for the caller to refuse"
    );
}

#[test]
fn a_key_package_must_say_until_when_it_is_good() {
    let mut ben = ben();
    let mallory = Mallory::herself();
    for expiry in [None, Some(&[][..]), Some(&[0; 7]), Some(&[0; 9])] {
        let started = ben.create(
            &mut Fixed(2),
            NOW,
            GROUP,
            &mallory.key_package(expiry),
            EVERYONE,
        );
        assert_eq!(started, Err(GroupError::Unsupported));
    }
    let forever = mallory.key_package(Some(&[255; 8]));
    assert_eq!(
        ben.create(&mut Fixed(2), NOW, GROUP, &forever, EVERYONE),
        Err(GroupError::Expired)
    );
}

#[test]
fn a_welcome_in_the_name_of_another_device_is_refused() {
    let mut ben = ben();
    let ann = Mls::new(PersonaId([1; 32]), &[1; 32]).me();
    let key_package = ben.key_package(&mut Fixed(2), NOW, false).unwrap();
    let (_, welcome) = Mallory::posing_as(ann).invite(&key_package);
    assert_eq!(ben.join(NOW, &welcome, EVERYONE), Err(GroupError::Refused));
    let (_, honest) = Mallory::herself().invite(&key_package);
    assert!(
        ben.join(NOW, &honest, EVERYONE).is_ok(),
        "the refused welcome spent nothing"
    );
}

#[test]
fn a_commit_that_brings_in_or_throws_out_somebody_is_refused() {
    let mut ben = ben();
    let mallory = Mallory::herself();
    let key_package = ben.key_package(&mut Fixed(2), NOW, false).unwrap();
    let (mut group, welcome) = mallory.invite(&key_package);
    ben.join(NOW, &welcome, EVERYONE).unwrap();

    let cid = Mls::new(PersonaId([3; 32]), &[3; 32])
        .key_package(&mut Fixed(3), NOW, false)
        .unwrap();
    let (cid, _) = verify_key_package(&mallory.provider.crypto, NOW, &cid).unwrap();
    let (adding, ..) = group
        .add_members(&mallory.provider, &mallory.signer, &[cid])
        .unwrap();
    group
        .clear_pending_commit(&mallory.provider.storage)
        .unwrap();
    let other = group
        .members()
        .find(|member| member.index != group.own_leaf_index())
        .unwrap()
        .index;
    let (removing, ..) = group
        .remove_members(&mallory.provider, &mallory.signer, &[other])
        .unwrap();
    group
        .clear_pending_commit(&mallory.provider.storage)
        .unwrap();
    for commit in [adding, removing] {
        let commit = commit.tls_serialize_detached().unwrap();
        assert_eq!(
            ben.decrypt(GROUP, &commit, EVERYONE),
            Err(ReceiveError::Refused)
        );
    }
    assert_eq!(
        (ben.epoch(GROUP), ben.members(GROUP).unwrap().len()),
        (Ok(1), 2)
    );

    let honest = group
        .create_message(&mallory.provider, &mallory.signer, b"hi")
        .unwrap();
    let honest = honest.tls_serialize_detached().unwrap();
    assert!(matches!(
        ben.decrypt(GROUP, &honest, EVERYONE),
        Ok(Received::Message { .. })
    ));
}

#[test]
fn a_member_cannot_become_another_by_proposal_or_commit() {
    let mut ben = ben();
    let mallory = Mallory::herself();
    let (welcome, _) = ben
        .create(
            &mut Fixed(2),
            NOW,
            GROUP,
            &mallory.fresh_key_package(),
            EVERYONE,
        )
        .unwrap();
    let mut group = mallory.join(&welcome);
    let ann = Mls::new(PersonaId([1; 32]), &[1; 32]).me();
    let as_ann = || {
        let credential = CredentialWithKey {
            credential: ann.credential().credential,
            signature_key: mallory.credential.signature_key.clone(),
        };
        LeafNodeParameters::builder()
            .with_credential_with_key(credential)
            .build()
    };
    let (proposal, _) = group
        .propose_self_update(&mallory.provider, &mallory.signer, as_ann())
        .unwrap();
    group
        .clear_pending_proposals(&mallory.provider.storage)
        .unwrap();
    let commit = group
        .self_update(&mallory.provider, &mallory.signer, as_ann())
        .unwrap()
        .into_commit();
    for message in [proposal, commit] {
        let message = message.tls_serialize_detached().unwrap();
        assert_eq!(
            ben.decrypt(GROUP, &message, EVERYONE),
            Err(ReceiveError::Refused)
        );
    }
}

#[test]
fn many_proposals_of_one_member_take_one_place() {
    let mut ben = ben();
    let mallory = Mallory::herself();
    let (welcome, _) = ben
        .create(
            &mut Fixed(2),
            NOW,
            GROUP,
            &mallory.fresh_key_package(),
            EVERYONE,
        )
        .unwrap();
    let mut group = mallory.join(&welcome);
    for _ in 0..=PROPOSALS_MAX {
        let (proposal, _) = group
            .propose_self_update(
                &mallory.provider,
                &mallory.signer,
                LeafNodeParameters::default(),
            )
            .unwrap();
        let proposal = proposal.tls_serialize_detached().unwrap();
        assert!(matches!(
            ben.decrypt(GROUP, &proposal, EVERYONE),
            Ok(Received::Proposed { .. })
        ));
    }
    ben.commit_pending(&mut Fixed(2), GROUP).unwrap();
}

#[test]
fn device_ids_are_signature_keys() {
    let signer = DeviceSigner::from_seed(&[5; 32]);
    let me = Mls::new(PersonaId([5; 32]), &[5; 32]).me();
    assert_eq!(me.device, signer.device());
    let leaf = me.credential();
    assert_eq!(Member::of_leaf(&leaf.credential, &me.device.0), Some(me));
    assert_eq!(
        Member::of_leaf(&leaf.credential, &DeviceId([0; 32]).0),
        None
    );
}
