//! Two people and their devices over MLS, state written and read back as a driver would.

use crate::people::{GROUP, NOW, Person, Seeded, everyone, friends, text};
use shared::base::{id::ConversationId, random::Random as _};
use shared::conversation::mls::{GroupError, ReceiveError, Received, SendError, limits};

#[test]
fn two_people_talk() {
    let (mut ann, mut ben) = friends();
    for round in 0..5 {
        let hi = ann.say(&format!("hi {round}"));
        let heard = ben.hear(&hi).unwrap();
        assert_eq!(
            heard,
            Received::Message {
                from: ann.me(),
                plaintext: format!("hi {round}").into_bytes()
            }
        );
        let ho = ben.say(&format!("ho {round}"));
        assert_eq!(text(ann.hear(&ho).unwrap()), format!("ho {round}"));
    }
    assert_eq!(
        ann.mls.export_epoch_authenticator(GROUP),
        ben.mls.export_epoch_authenticator(GROUP)
    );
    assert_eq!(ann.mls.members(GROUP).unwrap(), [ann.me(), ben.me()]);
}

#[test]
fn state_read_back_after_every_message_goes_on() {
    let (mut ann, mut ben) = friends();
    for round in 0..20 {
        let hi = ann.say(&format!("hi {round}"));
        ann.restart();
        assert_eq!(text(ben.hear(&hi).unwrap()), format!("hi {round}"));
        ben.restart();
        assert_eq!(ben.hear(&hi), Err(ReceiveError::Replay));
        if round % 7 == 3 {
            let proposal = ben.mls.propose_update(&mut ben.random, GROUP).unwrap();
            ben.restart();
            ann.hear(&proposal).unwrap();
            ann.restart();
            let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
            ann.restart();
            assert_eq!(ben.hear(&commit), Ok(Received::Changed { from: ann.me() }));
            ben.restart();
        }
        let ho = ben.say("ho");
        ben.restart();
        assert_eq!(text(ann.hear(&ho).unwrap()), "ho");
        ann.restart();
    }
    assert_eq!(ann.mls.epoch(GROUP), Ok(4));
}

#[test]
fn overtaken_messages_open_in_any_order_once() {
    let (mut ann, mut ben) = friends();
    let sent: Vec<_> = (0..8).map(|i| ann.say(&i.to_string())).collect();
    for i in [7, 2, 0, 5, 1, 6, 3, 4] {
        assert_eq!(text(ben.hear(&sent[i]).unwrap()), i.to_string());
        ben.restart();
        assert_eq!(ben.hear(&sent[i]), Err(ReceiveError::Replay));
    }
}

#[test]
fn a_message_overtaken_by_too_many_is_too_old() {
    let (mut ann, mut ben) = friends();
    let sent: Vec<_> = (0..limits::OUT_OF_ORDER_MAX + 2)
        .map(|i| ann.say(&i.to_string()))
        .collect();
    ben.hear(sent.last().unwrap()).unwrap();
    assert_eq!(ben.hear(&sent[0]), Err(ReceiveError::TooOld));
    assert_eq!(text(ben.hear(&sent[2]).unwrap()), "2");
}

#[test]
fn a_gap_up_to_the_limit_is_jumped_and_a_larger_one_is_told() {
    let (mut ann, mut ben) = friends();
    for _ in 0..limits::SKIPPED_MAX {
        ann.say("lost");
    }
    let at_limit = ann.say("at the limit");
    let beyond = ann.say("beyond");
    assert_eq!(ben.hear(&beyond), Err(ReceiveError::TooNew));
    assert_eq!(text(ben.hear(&at_limit).unwrap()), "at the limit");
    assert_eq!(text(ben.hear(&beyond).unwrap()), "beyond");
}

#[test]
fn no_bit_of_a_message_can_be_changed() {
    let (mut ann, mut ben) = friends();
    let hi = ann.say("hi");
    for at in 0..hi.len() {
        let mut forged = hi.clone();
        forged[at] ^= 1;
        let refused = ben.hear(&forged).unwrap_err();
        assert!(
            matches!(
                refused,
                ReceiveError::Damaged
                    | ReceiveError::WrongGroup
                    | ReceiveError::TooNew
                    | ReceiveError::TooOld
            ),
            "byte {at}: {refused}"
        );
        assert!(ben.mls.take_changes().is_empty(), "byte {at} left a trace");
    }
    for end in 0..hi.len() {
        assert_eq!(ben.hear(&hi[..end]), Err(ReceiveError::Damaged));
    }
    assert_eq!(
        ben.hear(&[hi.clone(), vec![0]].concat()),
        Err(ReceiveError::Damaged)
    );
    assert_eq!(text(ben.hear(&hi).unwrap()), "hi");
}

#[test]
fn a_message_of_ones_own_is_told_apart() {
    let (mut ann, _) = friends();
    let hi = ann.say("hi");
    assert_eq!(ann.hear(&hi), Err(ReceiveError::Own));
}

#[test]
fn a_message_of_another_group_is_refused() {
    let (mut ann, mut ben) = friends();
    let other = ConversationId([9; 16]);
    let key_package = ben.key_package(false);
    let (welcome, _) = ann
        .mls
        .create(&mut ann.random, NOW, other, &key_package, &everyone)
        .unwrap();
    ben.mls.join(NOW, &welcome, &everyone).unwrap();
    let hi = ann.say("hi");
    assert_eq!(
        ben.mls.decrypt(other, &hi, &everyone),
        Err(ReceiveError::WrongGroup)
    );
    assert_eq!(
        ben.mls.decrypt(ConversationId([8; 16]), &hi, &everyone),
        Err(ReceiveError::WrongGroup)
    );
    assert_eq!(ben.hear(&hi).map(text), Ok("hi".into()));
}

#[test]
fn a_device_off_the_list_is_refused_everywhere() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let nobody = |_: &_| false;
    let key_package = ben.key_package(false);
    let refused = ann
        .mls
        .create(&mut ann.random, NOW, GROUP, &key_package, &nobody);
    assert_eq!(refused.unwrap_err(), GroupError::Refused);
    assert!(!ann.mls.has(GROUP));

    let (welcome, _) = ann
        .mls
        .create(&mut ann.random, NOW, GROUP, &key_package, &everyone)
        .unwrap();
    assert_eq!(
        ben.mls.join(NOW, &welcome, &nobody).unwrap_err(),
        GroupError::Refused
    );
    let joined = ben.mls.join(NOW, &welcome, &everyone).unwrap();
    assert_eq!((joined.group, joined.by), (GROUP, ann.me()));

    let hi = ann.say("hi");
    assert_eq!(
        ben.mls.decrypt(GROUP, &hi, &nobody),
        Err(ReceiveError::Refused)
    );
    assert_eq!(
        text(ben.hear(&hi).unwrap()),
        "hi",
        "a refusal spends nothing"
    );
}

#[test]
fn a_message_at_the_limit_goes_and_a_longer_one_is_told() {
    let (mut ann, mut ben) = friends();
    let longest = "x".repeat(limits::PLAINTEXT_BYTES_MAX);
    let sent = ann.say(&longest);
    assert!(sent.len() <= limits::MESSAGE_BYTES_MAX);
    assert_eq!(text(ben.hear(&sent).unwrap()), longest);
    let longer = vec![0; limits::PLAINTEXT_BYTES_MAX + 1];
    assert_eq!(
        ann.mls.encrypt(&mut ann.random, GROUP, &longer),
        Err(SendError::TooLarge)
    );
    assert_eq!(
        ben.hear(&vec![0; limits::MESSAGE_BYTES_MAX + 1]),
        Err(ReceiveError::TooLarge)
    );
    assert_eq!(
        ben.hear(&vec![0; limits::MESSAGE_BYTES_MAX]),
        Err(ReceiveError::Damaged)
    );
}

#[test]
fn the_size_of_a_message_tells_its_length_only_roughly() {
    let (mut ann, _) = friends();
    let sizes: std::collections::BTreeSet<_> = (0..limits::PADDING_BYTES)
        .map(|n| ann.say(&"x".repeat(n)).len())
        .collect();
    assert!(sizes.len() <= 2, "{sizes:?}");
}

#[test]
fn a_group_that_was_removed_is_gone_with_its_keys() {
    let (mut ann, mut ben) = friends();
    let hi = ann.say("hi");
    ben.mls.remove(GROUP).unwrap();
    assert_eq!(ben.mls.remove(GROUP), Err(SendError::UnknownGroup));
    ben.restart();
    assert!(!ben.mls.has(GROUP));
    assert_eq!(ben.disk.len(), 0);
    assert_eq!(ben.hear(&hi), Err(ReceiveError::UnknownGroup));
    assert_eq!(
        ben.mls.encrypt(&mut Seeded::new(0), GROUP, b"hi"),
        Err(SendError::UnknownGroup)
    );
    assert_eq!(ben.mls.members(GROUP), Err(SendError::UnknownGroup));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let say = || friends().0.say("hi");
    assert_eq!(say(), say());
}

#[test]
fn more_groups_than_fit_in_memory_all_work() {
    let (mut ann, mut ben) = (Person::new(1), Person::new(2));
    let key_package = ben.key_package(true);
    let groups: Vec<_> = (0..=u16::try_from(limits::GROUPS_LOADED_MAX).unwrap())
        .map(|n| {
            let mut id = [0; 16];
            id[..2].copy_from_slice(&n.to_be_bytes());
            ConversationId(id)
        })
        .collect();
    for group in &groups {
        let created = ann
            .mls
            .create(&mut ann.random, NOW, *group, &key_package, &everyone);
        ben.mls.join(NOW, &created.unwrap().0, &everyone).unwrap();
    }
    for group in &groups {
        let hi = ann.mls.encrypt(&mut ann.random, *group, b"hi").unwrap();
        let heard = ben.mls.decrypt(*group, &hi, &everyone).unwrap();
        assert_eq!(text(heard), "hi");
    }
}

#[test]
fn garbage_is_refused() {
    let (_, mut ben) = friends();
    let mut random = Seeded::new(3);
    for length in 0..600 {
        let mut garbage = vec![0; length];
        random.fill(&mut garbage);
        assert_eq!(ben.hear(&garbage), Err(ReceiveError::Damaged));
        // Version 1 and each wire format (RFC 9420 §6), then garbage.
        for wire_format in 0..=6 {
            let framed = [&[0, 1, 0, wire_format], &garbage[..]].concat();
            assert!(ben.hear(&framed).is_err());
            assert!(ben.mls.join(NOW, &framed, &everyone).is_err());
            let created = ben.mls.create(
                &mut random,
                NOW,
                ConversationId([9; 16]),
                &framed,
                &everyone,
            );
            assert!(created.is_err());
        }
    }
}
