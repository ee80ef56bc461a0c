//! One language's messages, read from Fluent files into the small part of Fluent that is used:
//! text, arguments, terms, and selection by plural category, number or word.

use fluent_syntax::{
    ast::{self, Entry, Expression, InlineExpression, PatternElement, VariantKey},
    parser,
};
use std::{collections::BTreeMap, fs, path::Path};

/// What a placeable is filled with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// A whole number, also selecting a plural form.
    Number,
    /// Words, put in as they are.
    Text,
}

/// A piece of a message.
#[derive(Debug)]
pub enum Piece {
    Text(String),
    Argument(String),
    Select {
        argument: String,
        variants: Vec<Variant>,
    },
}

#[derive(Debug)]
pub struct Variant {
    pub key: Key,
    pub default: bool,
    pub pieces: Vec<Piece>,
}

/// What a variant is chosen by.
#[derive(Debug, PartialEq, Eq)]
pub enum Key {
    /// CLDR's `one`; English and German have it for exactly 1.
    One,
    /// CLDR's `other`.
    Other,
    Exactly(u64),
    Word(String),
}

#[derive(Debug)]
pub struct Message {
    pub pieces: Vec<Piece>,
    /// Arguments in the order of their names.
    pub arguments: BTreeMap<String, Type>,
}

pub struct Catalog {
    pub language: &'static str,
    pub messages: BTreeMap<String, Message>,
}

/// Reads every `.ftl` in `folder`.
///
/// # Errors
/// A file that cannot be read or parsed, a key defined twice, an unsupported construct.
pub fn read(language: &'static str, folder: &Path) -> Result<Catalog, String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "ftl"))
        .collect();
    files.sort();

    let mut resources = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let resource = parser::parse(text)
            .map_err(|(_, errors)| format!("{}: {:?}", path.display(), errors.first()))?;
        resources.push((path, resource));
    }

    let mut terms = BTreeMap::new();
    for (_, resource) in &resources {
        for entry in &resource.body {
            if let Entry::Term(term) = entry {
                terms.insert(term.id.name.clone(), plain_text(&term.value)?);
            }
        }
    }

    let mut messages = BTreeMap::new();
    for (path, resource) in &resources {
        for entry in &resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let key = message.id.name.clone();
            let place = format!("{} `{key}`", path.display());
            let value = message
                .value
                .as_ref()
                .ok_or(format!("{place}: has no text"))?;
            if !message.attributes.is_empty() {
                return Err(format!("{place}: attributes are not supported"));
            }
            let mut arguments = BTreeMap::new();
            let pieces =
                pieces(value, &terms, &mut arguments).map_err(|e| format!("{place}: {e}"))?;
            if messages
                .insert(key, Message { pieces, arguments })
                .is_some()
            {
                return Err(format!("{place}: defined twice"));
            }
        }
    }
    Ok(Catalog { language, messages })
}

/// Checks that every language has the keys and arguments of the first.
///
/// # Errors
/// The first difference, by language and key.
pub fn verify_same(catalogs: &[Catalog]) -> Result<(), String> {
    let Some((source, others)) = catalogs.split_first() else {
        return Ok(());
    };
    for other in others {
        for (key, message) in &source.messages {
            let Some(translated) = other.messages.get(key) else {
                return Err(format!("{}: `{key}` is missing", other.language));
            };
            if translated.arguments != message.arguments {
                return Err(format!(
                    "{}: `{key}` takes {:?}, but {} takes {:?}",
                    other.language, translated.arguments, source.language, message.arguments
                ));
            }
        }
        if let Some(key) = other
            .messages
            .keys()
            .find(|key| !source.messages.contains_key(*key))
        {
            return Err(format!(
                "{}: `{key}` is not in {}",
                other.language, source.language
            ));
        }
    }
    Ok(())
}

fn plain_text(pattern: &ast::Pattern<String>) -> Result<String, String> {
    pattern
        .elements
        .iter()
        .map(|element| match element {
            PatternElement::TextElement { value } => Ok(value.as_str()),
            PatternElement::Placeable { .. } => Err("a term must be plain text".to_owned()),
        })
        .collect()
}

fn pieces(
    pattern: &ast::Pattern<String>,
    terms: &BTreeMap<String, String>,
    arguments: &mut BTreeMap<String, Type>,
) -> Result<Vec<Piece>, String> {
    let mut out: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value } => Piece::Text(value.clone()),
            PatternElement::Placeable { expression } => placeable(expression, terms, arguments)?,
        };
        match (out.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    Ok(out)
}

fn placeable(
    expression: &Expression<String>,
    terms: &BTreeMap<String, String>,
    arguments: &mut BTreeMap<String, Type>,
) -> Result<Piece, String> {
    match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            Ok(Piece::Text(value.clone()))
        }
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            arguments.entry(id.name.clone()).or_insert(Type::Text);
            Ok(Piece::Argument(id.name.clone()))
        }
        Expression::Inline(InlineExpression::FunctionReference {
            id,
            arguments: call,
        }) if id.name == "NUMBER" => {
            let [InlineExpression::VariableReference { id }] = &call.positional[..] else {
                return Err("NUMBER takes one argument".to_owned());
            };
            arguments.insert(id.name.clone(), Type::Number);
            Ok(Piece::Argument(id.name.clone()))
        }
        Expression::Inline(InlineExpression::TermReference { id, .. }) => terms
            .get(&id.name)
            .map(|text| Piece::Text(text.clone()))
            .ok_or(format!("unknown term -{}", id.name)),
        Expression::Select {
            selector: InlineExpression::VariableReference { id },
            variants,
        } => {
            let variants = variants
                .iter()
                .map(|variant| {
                    Ok(Variant {
                        key: key(&variant.key)?,
                        default: variant.default,
                        pieces: pieces(&variant.value, terms, arguments)?,
                    })
                })
                .collect::<Result<Vec<_>, String>>()?;
            let words = variants.iter().any(|v| matches!(v.key, Key::Word(_)));
            let of = if words { Type::Text } else { Type::Number };
            arguments.insert(id.name.clone(), of);
            Ok(Piece::Select {
                argument: id.name.clone(),
                variants,
            })
        }
        other => Err(format!("unsupported: {other:?}")),
    }
}

fn key(key: &VariantKey<String>) -> Result<Key, String> {
    Ok(match key {
        VariantKey::NumberLiteral { value } => Key::Exactly(
            value
                .parse()
                .map_err(|_| format!("not a whole number: {value}"))?,
        ),
        VariantKey::Identifier { name } => match name.as_str() {
            "one" => Key::One,
            "other" => Key::Other,
            "zero" | "two" | "few" | "many" => return Err(format!("no language here has {name}")),
            word => Key::Word(word.to_owned()),
        },
    })
}
