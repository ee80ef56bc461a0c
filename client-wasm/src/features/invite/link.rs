//! An invite as a link: this page's address, `#/i/`, and the code.

use crate::features::route::invite;

/// What stands before the code in every link.
const BEFORE_CODE: &str = "#/i/";

/// The link for a code, on the page at `page` (its address without `#`).
pub fn link(page: &str, code: &str) -> String {
    format!("{page}#{}", invite(code))
}

/// The code in what was pasted: after [`BEFORE_CODE`], or all of it.
pub fn code_in(pasted: &str) -> &str {
    let pasted = pasted.trim();
    pasted
        .rsplit_once(BEFORE_CODE)
        .map_or(pasted, |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_from_any_sub_folder() {
        assert_eq!(
            link("https://a.example/kith/", "abc"),
            "https://a.example/kith/#/i/abc"
        );
    }

    #[test]
    fn the_code_is_found_in_a_link_and_alone() {
        assert_eq!(code_in(" https://a.example/#/i/a_b-c\n"), "a_b-c");
        assert_eq!(code_in("a_b-c"), "a_b-c");
        assert_eq!(code_in("https://a.example/"), "https://a.example/");
    }
}
