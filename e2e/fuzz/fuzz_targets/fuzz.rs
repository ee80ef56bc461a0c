//! What libFuzzer drives: the target that `KITH_FUZZ` names.
#![no_main]

use std::sync::OnceLock;

use e2e_fuzz::{Target, target};

static TARGET: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = std::env::var("KITH_FUZZ");
    target(&name.unwrap_or_else(|_| panic!("KITH_FUZZ names no target")))
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    TARGET.get_or_init(chosen).run(bytes);
});
