//! Compares the words in `www/index.html`, which are painted before the app has arrived, with the
//! locales.

use crate::catalog::{Catalog, Piece};

/// Checks every element with `data-t="key"`: its text is the first language's, and its attributes
/// `data-<language>` are the others'.
///
/// # Errors
/// The first difference.
pub fn verify(html: &str, catalogs: &[Catalog]) -> Result<(), String> {
    let mut elements = html.split("data-t=\"").skip(1);
    let count = elements.clone().count();
    elements.try_for_each(|element| {
        let (key, rest) = element.split_once('"').ok_or("data-t is not closed")?;
        let (attributes, rest) = rest.split_once('>').ok_or("an element is not closed")?;
        let text = rest.split('<').next().unwrap_or_default();
        for (index, catalog) in catalogs.iter().enumerate() {
            let shown = if index == 0 {
                Some(text)
            } else {
                attribute(attributes, catalog.language)
            };
            let wanted = catalog.messages.get(key).map(|message| &message.pieces[..]);
            let Some([Piece::Text(wanted)]) = wanted else {
                return Err(format!(
                    "`{key}` is no plain message in {}",
                    catalog.language
                ));
            };
            if shown != Some(wanted.as_str()) {
                return Err(format!(
                    "`{key}` is {wanted:?} in {}, not {shown:?}",
                    catalog.language
                ));
            }
        }
        Ok(())
    })?;
    if count == 0 {
        Err("nothing bears data-t".to_owned())
    } else {
        Ok(())
    }
}

/// The keys that `html` says.
pub fn keys(html: &str) -> Vec<&str> {
    html.split("data-t=\"")
        .skip(1)
        .filter_map(|element| element.split('"').next())
        .collect()
}

fn attribute<'a>(attributes: &'a str, language: &str) -> Option<&'a str> {
    attributes
        .split_once(&format!("data-{language}=\""))?
        .1
        .split('"')
        .next()
}
