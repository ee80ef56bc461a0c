//! The content security policy is the same wherever the page comes from: in the supernode's
//! header, and in the page itself for hosts that send none.

use super::Source;

const HEADER: &str = "supernode/src/listen/policy.rs";
const PAGE: &str = "www/index.html";
/// The one directive that a page cannot give itself; the header ends with it.
const ONLY_IN_HEADER: &str = "; frame-ancestors ";

/// Checks that page and header say the same.
pub fn check(sources: &[Source]) -> Vec<String> {
    let find = |path: &str| sources.iter().find(|source| source.path == path);
    let (Some(header), Some(page)) = (find(HEADER), find(PAGE)) else {
        return Vec::new();
    };
    let by_header = between(&header.text, "const DIRECTIVES: &str = \"", "\";").map(joined);
    let by_page = between(&page.text, "\"Content-Security-Policy\" content=\"", "\"");
    match (by_header, by_page) {
        (Some(header), Some(page)) if header.strip_suffix(ONLY_IN_HEADER) == Some(page) => {
            Vec::new()
        }
        (Some(header), _) => {
            let wanted = header.trim_end_matches(ONLY_IN_HEADER);
            vec![format!(
                "{PAGE}: its content security policy is not {HEADER}'s: {wanted}"
            )]
        }
        (None, _) => vec![format!("{HEADER}: has no DIRECTIVES")],
    }
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(open)?;
    Some(after.split_once(close)?.0)
}

/// A string literal without its line breaks.
fn joined(literal: &str) -> String {
    let lines = literal.split("\\\n");
    lines.map(str::trim_start).collect()
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn page_and_header_say_the_same() {
        let header = source(
            HEADER,
            "const DIRECTIVES: &str = \"default-src 'none'; \\\n    img-src 'self'; frame-ancestors \";\n",
        );
        let page = |policy: &str| {
            let meta =
                format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
            source(PAGE, &meta)
        };
        let same = [header, page("default-src 'none'; img-src 'self'")];
        assert!(check(&same).is_empty());
        let [header, _] = same;
        assert_eq!(check(&[header, page("img-src 'self'")]).len(), 1);
    }
}
