//! What a module is made of, as far as splitting needs it.

use anyhow::{Context as _, Result, bail, ensure};
use std::collections::BTreeMap;
use wasmparser::{
    CompositeInnerType, ConstExpr, Element, ElementItems, ElementKind, ExternalKind, FuncType,
    GlobalType, KnownCustom, MemoryType, Name, Operator, Parser, Payload, TableType, TypeRef,
};

/// A module, read. Functions are numbered as in the module: imported ones first.
#[derive(Default)]
pub struct Source {
    /// All types; only functions have some in what Rust writes.
    pub types: Vec<FuncType>,
    /// How many functions are imported.
    pub imported: usize,
    /// The type of each function, as an index into `types`.
    pub signatures: Vec<u32>,
    /// The name of each function; empty when it has none.
    pub names: Vec<String>,
    /// The functions that each function calls.
    pub calls: Vec<Vec<u32>>,
    /// Functions that JavaScript calls.
    pub exported: Vec<u32>,
    /// The function table's index.
    pub table: u32,
    /// Which function stands in which slot of the function table.
    pub slots: BTreeMap<u32, u32>,
    /// All tables.
    pub tables: Vec<TableType>,
    /// All memories.
    pub memories: Vec<MemoryType>,
    /// All globals.
    pub globals: Vec<GlobalType>,
}

impl Source {
    /// Reads a module as wasm-bindgen writes it.
    ///
    /// # Errors
    /// When it is not a module, or has something that cannot be shared between two.
    pub fn read(module: &[u8]) -> Result<Self> {
        let mut source = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            source.take(payload?)?;
        }
        ensure!(
            source.names.iter().any(|name| !name.is_empty()),
            "the module's functions have no names to split it by"
        );
        source.names.resize(source.signatures.len(), String::new());
        Ok(source)
    }

    fn take(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for kind in group?.into_types() {
                        let CompositeInnerType::Func(kind) = kind.composite_type.inner else {
                            bail!("the module has types that are not of functions");
                        };
                        self.types.push(kind);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let TypeRef::Func(signature) = import?.ty else {
                        bail!("the module imports something that is not a function");
                    };
                    self.signatures.push(signature);
                    self.calls.push(Vec::new());
                }
                self.imported = self.signatures.len();
            }
            Payload::FunctionSection(section) => {
                for signature in section {
                    self.signatures.push(signature?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
                let functions = self
                    .tables
                    .iter()
                    .position(|table| table.element_type.is_func_ref());
                self.table = functions
                    .context("the module has no function table")?
                    .try_into()?;
            }
            Payload::MemorySection(section) => {
                self.memories = section.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exported.push(export.index);
                    }
                }
            }
            Payload::StartSection { .. } => bail!("the module runs before it can be split"),
            Payload::ElementSection(section) => {
                for segment in section {
                    self.fill(segment?)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut calls = Vec::new();
                for operator in body.get_operators_reader()? {
                    match operator? {
                        Operator::Call { function_index } => calls.push(function_index),
                        Operator::ReturnCall { function_index } => calls.push(function_index),
                        Operator::RefFunc { .. } => {
                            bail!("the module refers to functions by ref.func")
                        }
                        _ => {}
                    }
                }
                self.calls.push(calls);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    for part in names {
                        if let Name::Function(map) = part? {
                            self.take_names(map)?;
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn fill(&mut self, segment: Element<'_>) -> Result<()> {
        let ElementKind::Active {
            table_index,
            offset_expr,
        } = segment.kind
        else {
            // wasm-bindgen declares nothing, and nothing else knows of passive segments.
            bail!("the module has a segment of functions that fills no table");
        };
        let ElementItems::Functions(functions) = segment.items else {
            bail!("the module fills a table with more than functions");
        };
        ensure!(
            table_index.unwrap_or(0) == self.table,
            "the module fills a second table"
        );
        for (slot, function) in (constant(&offset_expr)?..).zip(functions) {
            self.slots.insert(slot, function?);
        }
        Ok(())
    }

    fn take_names(&mut self, map: wasmparser::NameMap<'_>) -> Result<()> {
        self.names.resize(self.signatures.len(), String::new());
        for naming in map {
            let naming = naming?;
            if let Some(name) = self.names.get_mut(naming.index as usize) {
                naming.name.clone_into(name);
            }
        }
        Ok(())
    }
}

fn constant(expression: &ConstExpr<'_>) -> Result<u32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.try_into()?),
        _ => bail!("a table is filled from a place that is not constant"),
    }
}
