//! Writes the Rust functions for the catalogs.

use crate::catalog::{Catalog, Key, Message, Piece, Type, Variant};
use std::fmt::Write as _;

/// One module per language with one function per message, and one function per message that
/// chooses among them. Those `elsewhere` are said by others than Rust; the compiler finds every
/// other one that nobody says.
pub fn functions(catalogs: &[Catalog], elsewhere: &[&str]) -> String {
    let mut code = String::new();
    let Some(source) = catalogs.first() else {
        return code;
    };
    for (key, message) in &source.messages {
        if elsewhere.contains(&key.as_str()) {
            code.push_str("#[allow(dead_code)]\n");
        }
        if message.arguments.is_empty() {
            constant(&mut code, key, catalogs);
        } else {
            composed(&mut code, key, message, catalogs);
        }
    }
    code
}

fn constant(code: &mut String, key: &str, catalogs: &[Catalog]) {
    let texts: Vec<String> = catalogs
        .iter()
        .map(|catalog| text(&catalog.messages[key].pieces))
        .collect();
    let _ = writeln!(code, "/// {}", doc(&texts[0]));
    let _ = writeln!(code, "pub fn {}() -> &'static str {{", name(key));
    let _ = writeln!(code, "    pick(&{texts:?})\n}}");
}

fn composed(code: &mut String, key: &str, message: &Message, catalogs: &[Catalog]) {
    let parameters: Vec<String> = message
        .arguments
        .iter()
        .map(|(argument, of)| {
            format!(
                "{}: {}",
                name(argument),
                if *of == Type::Number { "u64" } else { "&str" }
            )
        })
        .collect();
    let _ = writeln!(code, "/// `{key}`");
    let _ = writeln!(
        code,
        "pub fn {}({}) -> String {{",
        name(key),
        parameters.join(", ")
    );
    code.push_str("    let mut out = String::new();\n    match language() {\n");
    for catalog in catalogs {
        let message = &catalog.messages[key];
        let _ = writeln!(
            code,
            "        Language::{} => {{",
            variant(catalog.language)
        );
        write_pieces(code, message, &message.pieces);
        code.push_str("        }\n");
    }
    code.push_str("    }\n    out\n}\n");
}

fn write_pieces(code: &mut String, message: &Message, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let mut letters = text.chars();
                let _ = match (letters.next(), letters.next()) {
                    (Some(letter), None) => writeln!(code, "out.push({letter:?});"),
                    _ => writeln!(code, "out.push_str({text:?});"),
                };
            }
            Piece::Argument(argument) => {
                let put = match message.arguments[argument] {
                    Type::Number => "push_number",
                    Type::Text => "String::push_str",
                };
                let _ = writeln!(code, "{put}(&mut out, {});", name(argument));
            }
            Piece::Select { argument, variants } => {
                let _ = writeln!(code, "match {} {{", name(argument));
                for arm in variants.iter().filter(|v| !v.default) {
                    let _ = write!(code, "{} => {{", pattern(arm));
                    write_pieces(code, message, &arm.pieces);
                    code.push_str("}\n");
                }
                code.push_str("_ => {");
                for arm in variants.iter().filter(|v| v.default) {
                    write_pieces(code, message, &arm.pieces);
                }
                code.push_str("}\n}\n");
            }
        }
    }
}

fn pattern(arm: &Variant) -> String {
    match &arm.key {
        Key::One => "1".to_owned(),
        Key::Exactly(number) => number.to_string(),
        Key::Word(word) => format!("{word:?}"),
        Key::Other => "_".to_owned(),
    }
}

fn text(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|p| {
            if let Piece::Text(text) = p {
                text.as_str()
            } else {
                ""
            }
        })
        .collect()
}

fn doc(text: &str) -> String {
    text.replace('\n', " ")
}

fn name(key: &str) -> String {
    key.replace('-', "_")
}

fn variant(language: &str) -> String {
    let mut letters = language.chars();
    letters
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}
