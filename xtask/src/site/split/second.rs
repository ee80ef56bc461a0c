//! Writes the second module.

use super::plan::{Plan, export_name};
use super::source::Source;
use super::{IMPORT_FROM, unreadable};
use anyhow::Result;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, FunctionSection,
    ImportSection, Module, NameMap, NameSection, TypeSection,
};
use wasmparser::{Parser, Payload};

/// The functions that come second, everything else imported from the first module.
pub fn write(module: &[u8], source: &Source, plan: &Plan) -> Result<Vec<u8>> {
    let second = plan
        .is_second
        .iter()
        .zip(0_u32..)
        .filter(|(second, _)| **second);
    let functions: Vec<_> = second.map(|(_, function)| function).collect();
    let numbered = plan.shared.iter().chain(&functions).copied().zip(0_u32..);
    let mut writer = Second {
        source,
        plan,
        number: numbered.collect(),
    };
    let (mut types, mut code) = (TypeSection::new(), CodeSection::new());
    let mut bodies = (0_u32..).skip(source.imported);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => {
                writer
                    .parse_type_section(&mut types, section)
                    .map_err(unreadable)?;
            }
            Payload::CodeSectionEntry(body) => {
                let function = bodies.next().unwrap_or_default();
                if plan.is_second[function as usize] {
                    writer
                        .parse_function_body(&mut code, body)
                        .map_err(unreadable)?;
                }
            }
            _ => {}
        }
    }
    let mut kinds = FunctionSection::new();
    for function in &functions {
        kinds.function(source.signatures[*function as usize]);
    }
    let mut written = Module::new();
    written.section(&types);
    written.section(&writer.imports().map_err(unreadable)?);
    written.section(&kinds);
    written.section(&writer.elements());
    written.section(&code);
    written.section(&writer.names());
    Ok(written.finish())
}

struct Second<'a> {
    source: &'a Source,
    plan: &'a Plan,
    /// The number that each function of the whole module has in this one.
    number: BTreeMap<u32, u32>,
}

impl Second<'_> {
    fn imports(&mut self) -> Result<ImportSection, Error> {
        let mut imports = ImportSection::new();
        let mut import = |kind, index, entity: EntityType| {
            imports.import(IMPORT_FROM, &export_name(kind, index), entity);
        };
        for function in &self.plan.shared {
            let signature = self.source.signatures[*function as usize];
            import(ExportKind::Func, *function, EntityType::Function(signature));
        }
        for (index, memory) in (0..).zip(&self.source.memories) {
            import(ExportKind::Memory, index, self.memory_type(*memory)?.into());
        }
        for (index, table) in (0..).zip(&self.source.tables) {
            // The first module's function table is longer, and a longer one may be imported;
            // no end is named, since the import's may not be the smaller one.
            let mut kind = self.table_type(*table)?;
            kind.maximum = None;
            import(ExportKind::Table, index, kind.into());
        }
        for (index, global) in (0..).zip(&self.source.globals) {
            import(ExportKind::Global, index, self.global_type(*global)?.into());
        }
        Ok(imports)
    }

    /// Fills the slots: those it had in the whole module, and those the first module calls.
    fn elements(&self) -> ElementSection {
        let slots = self
            .plan
            .slot_of
            .iter()
            .map(|(function, slot)| (*slot, *function));
        let had = self
            .source
            .slots
            .iter()
            .map(|(slot, function)| (*slot, *function));
        let had = had.filter(|(_, function)| self.plan.is_second[*function as usize]);
        let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
        for (slot, function) in slots.chain(had).collect::<BTreeMap<_, _>>() {
            let number = self.number[&function];
            match runs.last_mut() {
                Some((start, run)) if *start as usize + run.len() == slot as usize => {
                    run.push(number)
                }
                _ => runs.push((slot, vec![number])),
            }
        }
        let mut elements = ElementSection::new();
        let table = (self.source.table != 0).then_some(self.source.table);
        for (start, run) in runs {
            let offset = ConstExpr::i32_const(start.cast_signed());
            elements.active(table, &offset, Elements::Functions(run.into()));
        }
        elements
    }

    fn names(&self) -> NameSection {
        let mut map = NameMap::new();
        let numbers: BTreeMap<_, _> = self.number.iter().map(|(old, new)| (new, old)).collect();
        for (new, old) in numbers {
            map.append(*new, &self.source.names[*old as usize]);
        }
        let mut names = NameSection::new();
        names.functions(&map);
        names
    }
}

impl Reencode for Second<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(self.number[&function])
    }
}
