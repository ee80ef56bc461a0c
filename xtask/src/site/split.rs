//! Splits the page's WebAssembly module in two, so that the first screen does not wait for what
//! only later ones need.
//!
//! The first module is the whole one without the bodies of the functions that [`later`] names;
//! where it calls one of them, it calls a slot of the function table. The second module imports
//! memory, tables, globals and functions from the exports of the first, and fills the slots when
//! it is instantiated. Until then a slot traps, so whoever calls such a function first waits for
//! the second module (`client-wasm/src/platform/core.rs`). Both are valid modules of their own
//! that no engine needs a special feature for.
//!
//! It reads what wasm-bindgen wrote, while functions still have names and before wasm-opt.

mod first;
mod later;
mod plan;
mod second;
mod source;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode;

/// Under this name the second module imports what the first exports.
const IMPORT_FROM: &str = "first";

/// The two modules.
pub struct Parts {
    /// What the first screen needs.
    pub first: Vec<u8>,
    /// Everything else.
    pub second: Vec<u8>,
}

/// Splits `module` by the names of its functions.
///
/// # Errors
/// When the module has something that this does not know how to share: imports that are not
/// functions, tables filled in another way than wasm-ld does, or no names.
pub fn split(module: &[u8]) -> Result<Parts> {
    let source = source::Source::read(module)?;
    let plan = plan::Plan::new(&source)?;
    Ok(Parts {
        first: first::write(module, &source, &plan)?,
        second: second::write(module, &source, &plan)?,
    })
}

fn unreadable(error: reencode::Error) -> anyhow::Error {
    anyhow!("the module cannot be rewritten: {error}")
}

#[cfg(test)]
mod tests;
