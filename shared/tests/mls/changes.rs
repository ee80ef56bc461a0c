//! Keys renewed by proposal and commit while people go on talking.

use crate::people::{GROUP, friends, text};
use shared::conversation::mls::{ReceiveError, Received, SendError, limits};

#[test]
fn keys_are_renewed_by_proposal_and_commit_while_both_go_on_talking() {
    let (mut ann, mut ben) = friends();
    let before = ann.mls.export_epoch_authenticator(GROUP).unwrap();
    let proposal = ben.mls.propose_update(&mut ben.random, GROUP).unwrap();
    let late = ben.say("written before the commit came");
    assert_eq!(
        ann.hear(&proposal),
        Ok(Received::Proposed { from: ben.me() })
    );
    assert_eq!(ann.hear(&proposal), Err(ReceiveError::Replay));
    let early = ann.say("written before the commit");
    let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
    let new = ann.say("written after the commit");

    assert_eq!(ben.hear(&new), Err(ReceiveError::TooNew));
    assert_eq!(ben.hear(&commit), Ok(Received::Changed { from: ann.me() }));
    assert_eq!(ben.hear(&commit), Err(ReceiveError::TooOld));
    assert_eq!(text(ben.hear(&new).unwrap()), "written after the commit");
    assert_eq!(text(ben.hear(&early).unwrap()), "written before the commit");
    assert_eq!(
        text(ann.hear(&late).unwrap()),
        "written before the commit came"
    );
    assert_ne!(ann.mls.export_epoch_authenticator(GROUP).unwrap(), before);
    assert_eq!(
        ann.mls.export_epoch_authenticator(GROUP),
        ben.mls.export_epoch_authenticator(GROUP)
    );
    let again = ben.say("and on");
    assert_eq!(text(ann.hear(&again).unwrap()), "and on");
}

#[test]
fn a_commit_without_proposals_renews_the_committer() {
    let (mut ann, mut ben) = friends();
    let unheard = ben.mls.propose_update(&mut ben.random, GROUP).unwrap();
    let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
    ben.hear(&commit).unwrap();
    assert_eq!(ann.hear(&unheard), Err(ReceiveError::TooOld));
    let hi = ben.say("hi");
    assert_eq!(text(ann.hear(&hi).unwrap()), "hi");
}

#[test]
fn of_several_proposals_the_last_counts_and_there_is_a_limit() {
    let (mut ann, mut ben) = friends();
    let proposals: Vec<_> = (0..limits::PROPOSALS_MAX)
        .map(|_| ben.mls.propose_update(&mut ben.random, GROUP).unwrap())
        .collect();
    assert_eq!(
        ben.mls.propose_update(&mut ben.random, GROUP),
        Err(SendError::TooManyProposals)
    );
    for proposal in &proposals {
        ann.hear(proposal).unwrap();
    }
    let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
    ben.hear(&commit).unwrap();
    let hi = ben.say("hi");
    assert_eq!(text(ann.hear(&hi).unwrap()), "hi");
    assert!(ben.mls.propose_update(&mut ben.random, GROUP).is_ok());
}

#[test]
fn messages_of_past_epochs_open_up_to_the_limit() {
    let (mut ann, mut ben) = friends();
    let first = ben.say("first");
    let second = ben.say("second");
    for _ in 0..limits::PAST_EPOCHS_MAX {
        let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
        ben.hear(&commit).unwrap();
    }
    assert_eq!(text(ann.hear(&first).unwrap()), "first");
    ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
    assert_eq!(ann.hear(&second), Err(ReceiveError::TooOld));
}

#[test]
fn one_who_proposed_may_still_commit() {
    let (mut ann, mut ben) = friends();
    ann.mls.propose_update(&mut ann.random, GROUP).unwrap();
    ann.restart();
    let proposal = ben.mls.propose_update(&mut ben.random, GROUP).unwrap();
    ann.hear(&proposal).unwrap();
    let commit = ann.mls.commit_pending(&mut ann.random, GROUP).unwrap();
    ann.restart();
    ben.hear(&commit).unwrap();
    ben.restart();
    for _ in 0..2 {
        let (hi, ho) = (ann.say("hi"), ben.say("ho"));
        assert_eq!(text(ben.hear(&hi).unwrap()), "hi");
        assert_eq!(text(ann.hear(&ho).unwrap()), "ho");
    }
    assert_eq!(
        ann.mls.export_epoch_authenticator(GROUP),
        ben.mls.export_epoch_authenticator(GROUP)
    );
}
