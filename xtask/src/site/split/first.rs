//! Writes the first module.

use super::plan::Plan;
use super::source::Source;
use super::unreadable;
use anyhow::Result;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, Elements, ExportKind, ExportSection, Function, Instruction, Module, TableSection,
};
use wasmparser::{
    CodeSectionReader, ElementItems, ExportSectionReader, Parser, TableSectionReader,
};

/// The whole module, with calls into slots for the bodies that come second.
pub fn write(module: &[u8], source: &Source, plan: &Plan) -> Result<Vec<u8>> {
    let mut written = Module::new();
    let mut first = First { source, plan };
    first
        .parse_core_module(&mut written, Parser::new(0), module)
        .map_err(unreadable)?;
    Ok(written.finish())
}

struct First<'a> {
    source: &'a Source,
    plan: &'a Plan,
}

impl First<'_> {
    /// The body of a function that comes second: the call of its slot, if there is one.
    fn stand_in(&self, function: u32) -> Function {
        let mut body = Function::new([]);
        match self.plan.slot_of.get(&function) {
            Some(slot) if function != self.plan.blank => {
                let type_index = self.source.signatures[function as usize];
                let parameters = self.source.types[type_index as usize].params().len();
                for parameter in (0_u32..).take(parameters) {
                    body.instruction(&Instruction::LocalGet(parameter));
                }
                body.instruction(&Instruction::I32Const(slot.cast_signed()));
                let table_index = self.source.table;
                body.instruction(&Instruction::CallIndirect {
                    type_index,
                    table_index,
                });
            }
            _ => {
                body.instruction(&Instruction::Unreachable);
            }
        }
        body.instruction(&Instruction::End);
        body
    }
}

impl Reencode for First<'_> {
    type Error = std::convert::Infallible;

    fn parse_table_section(
        &mut self,
        tables: &mut TableSection,
        section: TableSectionReader<'_>,
    ) -> Result<(), Error> {
        for (index, table) in (0_u32..).zip(section) {
            let mut kind = self.table_type(table?.ty)?;
            if index == self.source.table {
                kind.minimum += u64::from(self.plan.added);
                kind.maximum = kind
                    .maximum
                    .map(|maximum| maximum + u64::from(self.plan.added));
            }
            tables.table(kind);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        let all = |kind, count: usize| (0_u32..).take(count).map(move |index| (kind, index));
        let places = all(ExportKind::Memory, self.source.memories.len())
            .chain(all(ExportKind::Table, self.source.tables.len()))
            .chain(all(ExportKind::Global, self.source.globals.len()));
        let functions = self
            .plan
            .shared
            .iter()
            .map(|function| (ExportKind::Func, *function));
        for (kind, index) in places.chain(functions) {
            exports.export(&super::plan::export_name(kind, index), kind, index);
        }
        Ok(())
    }

    fn element_items<'a>(&mut self, items: ElementItems<'a>) -> Result<Elements<'a>, Error> {
        let ElementItems::Functions(functions) = items else {
            return utils::element_items(self, items);
        };
        let mut kept = Vec::new();
        for function in functions {
            let function = function?;
            let second = self.plan.is_second[function as usize];
            kept.push(if second { self.plan.blank } else { function });
        }
        Ok(Elements::Functions(kept.into()))
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let defined = self
            .plan
            .is_second
            .iter()
            .zip(0_u32..)
            .skip(self.source.imported);
        for (body, (second, function)) in section.into_iter().zip(defined) {
            if *second {
                code.function(&self.stand_in(function));
            } else {
                self.parse_function_body(code, body?)?;
            }
        }
        Ok(())
    }
}
