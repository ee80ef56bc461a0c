//! Key packages and welcomes: used once, in time, by the right device, and hostile ones refused.

use core::time::Duration;

use crate::people::{GROUP, NOW, Person, everyone, friends};
use shared::base::{id::ConversationId, time::Timestamp};
use shared::conversation::mls::{GroupError, limits};

const OTHER: ConversationId = ConversationId([9; 16]);

fn start(
    by: &mut Person,
    group: ConversationId,
    key_package: &[u8],
) -> Result<Vec<u8>, GroupError> {
    by.mls
        .create(&mut by.random, NOW, group, key_package, &everyone)
        .map(|(welcome, _)| welcome)
}

#[test]
fn a_key_package_opens_one_welcome_only() {
    let (mut ann, mut cid, mut ben) = (Person::new(1), Person::new(3), Person::new(2));
    let key_package = ben.key_package(false);
    let first = start(&mut ann, GROUP, &key_package).unwrap();
    let second = start(&mut cid, OTHER, &key_package).unwrap();
    ben.mls.join(NOW, &first, &everyone).unwrap();
    ben.restart();
    assert_eq!(
        ben.mls.join(NOW, &second, &everyone),
        Err(GroupError::NoKeyPackage)
    );
    assert_eq!(
        ben.mls.join(NOW, &first, &everyone),
        Err(GroupError::NoKeyPackage)
    );
    assert!(!ben.mls.has(OTHER));
}

#[test]
fn a_key_package_of_last_resort_opens_many() {
    let (mut ann, mut cid, mut ben) = (Person::new(1), Person::new(3), Person::new(2));
    let key_package = ben.key_package(true);
    let first = start(&mut ann, GROUP, &key_package).unwrap();
    let second = start(&mut cid, OTHER, &key_package).unwrap();
    ben.mls.join(NOW, &first, &everyone).unwrap();
    ben.restart();
    ben.mls.join(NOW, &second, &everyone).unwrap();
    assert_eq!(
        ben.mls.join(NOW, &first, &everyone),
        Err(GroupError::Exists)
    );
}

#[test]
fn a_welcome_for_someone_else_is_told() {
    let (mut ann, mut cid, mut ben) = (Person::new(1), Person::new(3), Person::new(2));
    cid.key_package(false);
    let welcome = start(&mut ann, GROUP, &ben.key_package(false)).unwrap();
    assert_eq!(
        cid.mls.join(NOW, &welcome, &everyone),
        Err(GroupError::NoKeyPackage)
    );
}

#[test]
fn a_damaged_welcome_is_refused_and_spends_nothing() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let welcome = start(&mut ann, GROUP, &ben.key_package(false)).unwrap();
    ben.flush();
    for at in 0..welcome.len() {
        let mut forged = welcome.clone();
        forged[at] ^= 1;
        assert!(ben.mls.join(NOW, &forged, &everyone).is_err(), "byte {at}");
        assert!(ben.mls.take_changes().is_empty(), "byte {at} left a trace");
    }
    for end in 0..welcome.len() {
        assert_eq!(
            ben.mls.join(NOW, &welcome[..end], &everyone),
            Err(GroupError::Damaged)
        );
    }
    ben.mls.join(NOW, &welcome, &everyone).unwrap();
}

#[test]
fn a_damaged_key_package_is_refused() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let key_package = ben.key_package(false);
    for at in 0..key_package.len() {
        let mut forged = key_package.clone();
        forged[at] ^= 1;
        assert!(start(&mut ann, GROUP, &forged).is_err(), "byte {at}");
    }
    for end in 0..key_package.len() {
        assert_eq!(
            start(&mut ann, GROUP, &key_package[..end]),
            Err(GroupError::Damaged)
        );
    }
    assert!(ann.mls.take_changes().is_empty());
    start(&mut ann, GROUP, &key_package).unwrap();
}

#[test]
fn sizes_at_the_limit_are_read_and_larger_ones_are_not() {
    let mut ann = Person::new(1);
    assert_eq!(
        start(&mut ann, GROUP, &[0; limits::KEY_PACKAGE_BYTES_MAX]),
        Err(GroupError::Damaged)
    );
    assert_eq!(
        start(&mut ann, GROUP, &[0; limits::KEY_PACKAGE_BYTES_MAX + 1]),
        Err(GroupError::TooLarge)
    );
    assert_eq!(
        ann.mls
            .join(NOW, &[0; limits::WELCOME_BYTES_MAX], &everyone),
        Err(GroupError::Damaged)
    );
    assert_eq!(
        ann.mls
            .join(NOW, &[0; limits::WELCOME_BYTES_MAX + 1], &everyone),
        Err(GroupError::TooLarge)
    );
}

#[test]
fn a_key_package_is_good_for_its_lifetime() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let key_package = ben.key_package(false);
    let until = NOW.after(limits::KEY_PACKAGE_LIFETIME);
    let mut at = |now: Timestamp, group| {
        ann.mls
            .create(&mut ann.random, now, group, &key_package, &everyone)
            .map(|(welcome, _)| welcome)
    };
    assert_eq!(at(until, GROUP), Err(GroupError::Expired));
    let welcome = at(Timestamp(until.0 - 1), GROUP).unwrap();
    let last_moment = until.after(limits::KEY_PACKAGE_GRACE);
    assert_eq!(
        ben.mls
            .drop_expired_key_packages(Timestamp(last_moment.0 - 1)),
        Ok(1)
    );
    ben.mls
        .join(Timestamp(last_moment.0 - 1), &welcome, &everyone)
        .unwrap();
}

#[test]
fn an_expired_key_package_is_dropped_after_its_grace() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let welcome = start(&mut ann, GROUP, &ben.key_package(true)).unwrap();
    let over = NOW
        .after(limits::KEY_PACKAGE_LIFETIME)
        .after(limits::KEY_PACKAGE_GRACE);
    assert_eq!(
        ben.mls.join(over, &welcome, &everyone),
        Err(GroupError::NoKeyPackage)
    );
    assert_eq!(ben.mls.drop_expired_key_packages(over), Ok(0));
}

#[test]
fn a_key_package_from_the_future_is_good_within_the_skew_of_clocks() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let ahead = |by: Duration| NOW.after(limits::CLOCK_SKEW_MAX).after(by);
    let near = ben
        .mls
        .key_package(&mut ben.random, ahead(Duration::ZERO), false)
        .unwrap();
    let far = ben
        .mls
        .key_package(&mut ben.random, ahead(Duration::from_millis(1)), false)
        .unwrap();
    assert_eq!(start(&mut ann, GROUP, &far), Err(GroupError::Expired));
    start(&mut ann, GROUP, &near).unwrap();
}

#[test]
fn only_so_many_key_packages_wait() {
    let mut ben = Person::new(2);
    for _ in 0..limits::KEY_PACKAGES_MAX {
        ben.key_package(false);
    }
    assert_eq!(
        ben.mls.key_package(&mut ben.random, NOW, false),
        Err(GroupError::TooManyKeyPackages)
    );
    ben.restart();
    let over = NOW
        .after(limits::KEY_PACKAGE_LIFETIME)
        .after(limits::KEY_PACKAGE_GRACE);
    assert_eq!(ben.mls.drop_expired_key_packages(over), Ok(0));
    assert!(ben.mls.key_package(&mut ben.random, over, false).is_ok());
}

#[test]
fn a_group_is_made_once_and_not_with_oneself() {
    let (mut ann, mut ben) = friends();
    let key_package = ben.key_package(false);
    assert_eq!(
        start(&mut ann, GROUP, &key_package),
        Err(GroupError::Exists)
    );
    let own = ann.key_package(false);
    assert_eq!(start(&mut ann, OTHER, &own), Err(GroupError::Refused));
}
