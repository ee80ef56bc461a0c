//! A module of seven functions, as wasm-bindgen would leave it, split.

use super::{IMPORT_FROM, Parts, source::Source, split};
use std::collections::BTreeSet;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction as I,
    MemorySection, MemoryType, Module, NameMap, NameSection, RefType, TableSection, TableType,
    TypeSection, ValType,
};
use wasmparser::{Parser, Payload, validate};

/// Functions by their numbers, and what each calls. 0 is imported, 1 exported; 5 and 6 stand in
/// slots 1 and 2 of the table.
const FUNCTIONS: [(&str, &[u32]); 7] = [
    ("js", &[]),
    ("main", &[2, 3]),
    ("yew[30a6f6d69a98bb6d]::draw", &[]),
    ("<shared[9b5cf2fd8d5830a5]::peer::Peer>::load", &[4, 2, 0]),
    ("sha2[372c63fba49bc15e]::compress", &[]),
    (
        "<yew[30a6f6d69a98bb6d]::Scope<client_wasm[e66ebb1824e211b]::features::chat::Chat>>::run",
        &[4],
    ),
    (
        "<yew[30a6f6d69a98bb6d]::Scope<client_wasm[e66ebb1824e211b]::features::welcome::Welcome>>::run",
        &[2],
    ),
];

fn whole(names: bool) -> Vec<u8> {
    let (mut types, mut imports, mut functions) = (
        TypeSection::new(),
        ImportSection::new(),
        FunctionSection::new(),
    );
    // All take a number and give one back.
    types.ty().function([ValType::I32], [ValType::I32]);
    imports.import("./kith_bg.js", "js", EntityType::Function(0));
    let (mut code, mut map) = (CodeSection::new(), NameMap::new());
    for (index, (name, calls)) in (0_u32..).zip(FUNCTIONS) {
        map.append(index, name);
        if index == 0 {
            continue;
        }
        functions.function(0);
        let mut body = Function::new([]);
        body.instruction(&I::LocalGet(0));
        for call in calls {
            body.instruction(&I::Call(*call));
        }
        for instruction in [I::GlobalGet(0), I::I32Add, I::End] {
            body.instruction(&instruction);
        }
        code.function(&body);
    }
    let (mut tables, mut elements) = (TableSection::new(), ElementSection::new());
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: 3,
        maximum: Some(3),
        table64: false,
        shared: false,
    });
    elements.active(
        None,
        &ConstExpr::i32_const(1),
        Elements::Functions(vec![5, 6].into()),
    );
    let (mut memories, mut globals) = (MemorySection::new(), GlobalSection::new());
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let stack = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    globals.global(stack, &ConstExpr::i32_const(1));
    let (mut exports, mut section) = (ExportSection::new(), NameSection::new());
    exports
        .export("main", ExportKind::Func, 1)
        .export("memory", ExportKind::Memory, 0);
    section.functions(&map);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&tables);
    module
        .section(&memories)
        .section(&globals)
        .section(&exports)
        .section(&elements);
    module.section(&code);
    if names {
        module.section(&section);
    }
    module.finish()
}

fn parts() -> Parts {
    split(&whole(true)).unwrap()
}

#[test]
fn both_parts_are_modules_and_fit_together() {
    let Parts { first, second } = parts();
    validate(&first).unwrap();
    validate(&second).unwrap();
    let (mut exported, mut imported) = (BTreeSet::new(), BTreeSet::new());
    for payload in Parser::new(0).parse_all(&first) {
        if let Payload::ExportSection(section) = payload.unwrap() {
            exported.extend(section.into_iter().map(|export| export.unwrap().name));
        }
    }
    for payload in Parser::new(0).parse_all(&second) {
        if let Payload::ImportSection(section) = payload.unwrap() {
            for import in section.into_imports() {
                let import = import.unwrap();
                assert_eq!(import.module, IMPORT_FROM);
                imported.insert(import.name);
            }
        }
    }
    assert_eq!(imported, BTreeSet::from(["0", "2", "g0", "m0", "t0"]));
    assert!(imported.is_subset(&exported), "{exported:?}");
    assert!(exported.contains("main") && exported.contains("memory"));
}

#[test]
fn the_first_part_keeps_what_the_first_screen_calls() {
    let first = Source::read(&parts().first).unwrap();
    assert_eq!(first.calls[1], [2, 3], "calls keep their numbers");
    assert!(first.calls[3].is_empty(), "the core is behind a slot");
    assert!(first.calls[5].is_empty());
    assert_eq!(first.calls[6], [2]);
    assert_eq!(first.tables[0].initial, 4, "a slot for the one gate");
    assert_eq!(first.tables[0].maximum, Some(4));
    assert_eq!(first.slots[&2], 6);
    assert!(
        ![1, 2, 6].contains(&first.slots[&1]),
        "the chat's slot traps until it is filled"
    );
}

#[test]
fn without_names_nothing_is_split() {
    let error = split(&whole(false)).err().unwrap().to_string();
    assert!(error.contains("no names"), "{error}");
}
