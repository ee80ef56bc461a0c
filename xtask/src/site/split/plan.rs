//! Which function goes where, and through which slot the first module calls the second.

use super::later;
use super::source::Source;
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use wasm_encoder::ExportKind;

/// See the module.
pub struct Plan {
    /// Whether each function is in the second module.
    pub is_second: Vec<bool>,
    /// Where the first module finds the functions of the second that it calls.
    pub slot_of: BTreeMap<u32, u32>,
    /// A function of the second module that the first does not call: it stands in the slots that
    /// are not filled yet, and traps.
    pub blank: u32,
    /// Slots added to the function table.
    pub added: u32,
    /// Functions of the first module, and imported ones, that the second calls.
    pub shared: Vec<u32>,
}

impl Plan {
    /// Divides the functions: second come the later ones, and what is called by them only.
    ///
    /// # Errors
    /// When nothing would come second.
    pub fn new(source: &Source) -> Result<Self> {
        let is_second = second(source);
        let crossing = |from_second: bool| {
            let calls = source.calls.iter().zip(&is_second);
            let calls = calls.filter(move |(_, second)| **second == from_second);
            let called = calls.flat_map(|(calls, _)| calls.iter().copied());
            let mut called: Vec<_> = called
                .filter(|callee| is_second[*callee as usize] != from_second)
                .collect();
            called.sort_unstable();
            called.dedup();
            called
        };
        let mut slot_of: BTreeMap<_, _> = source
            .slots
            .iter()
            .map(|(slot, function)| (*function, *slot))
            .collect();
        slot_of.retain(|function, _| is_second[*function as usize]);
        let size = source.tables[source.table as usize].initial.try_into()?;
        let mut called = crossing(false);
        let is_second_export = |function: &&u32| is_second[**function as usize];
        called.extend(source.exported.iter().filter(is_second_export));
        let mut next: u32 = size;
        for function in &called {
            slot_of.entry(*function).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
        let blank = (0_u32..)
            .zip(&is_second)
            .find(|(function, second)| **second && !called.contains(function));
        let (blank, _) = blank.context("nothing of the module can come second")?;
        ensure!(
            !is_second.iter().all(|second| *second),
            "nothing of the module comes first"
        );
        Ok(Self {
            shared: crossing(true),
            added: next - size,
            is_second,
            slot_of,
            blank,
        })
    }
}

fn second(source: &Source) -> Vec<bool> {
    let gates: Vec<_> = source
        .names
        .iter()
        .map(|name| later::is_gate(name))
        .collect();
    let in_table = source.slots.values();
    let start =
        in_table.filter(|function| !later::serves_later(&source.names[**function as usize]));
    let mut open: Vec<_> = start.chain(&source.exported).copied().collect();
    let mut is_second = vec![true; source.signatures.len()];
    is_second[..source.imported].fill(false);
    while let Some(function) = open.pop() {
        let at = function as usize;
        if is_second[at] && !gates[at] {
            is_second[at] = false;
            open.extend(&source.calls[at]);
        }
    }
    is_second
}

/// The name under which the first module exports something to the second: short, since there are
/// hundreds of them, and unlike any of wasm-bindgen's.
pub fn export_name(kind: ExportKind, index: u32) -> String {
    let kind = match kind {
        ExportKind::Func => "",
        ExportKind::Memory => "m",
        ExportKind::Table => "t",
        ExportKind::Global => "g",
        ExportKind::Tag => "e",
    };
    format!("{kind}{index}")
}
