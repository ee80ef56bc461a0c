//! Every corpus through its target, without libFuzzer: what once broke something, or reached something
//! new, never breaks anything again.

use e2e_fuzz::{TARGETS, corpus};

#[test]
fn every_input_that_was_kept_still_passes() {
    let mut idle = Vec::new();
    for target in TARGETS {
        let inputs = corpus::read(target.name).unwrap();
        let accepted = inputs.iter().filter(|input| target.run(input)).count();
        let all = inputs.len();
        println!("{}: {all} inputs, {accepted} accepted", target.name);
        // A target that takes all or nothing tests nothing.
        if accepted == 0 || accepted == all {
            idle.push(target.name);
        }
    }
    assert!(
        idle.is_empty(),
        "no corpus, or nothing came through: {idle:?}"
    );
}

#[test]
fn every_target_takes_nothing_at_all() {
    for target in TARGETS {
        target.run(&[]);
    }
}
