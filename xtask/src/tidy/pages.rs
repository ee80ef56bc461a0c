//! Pages that must be there: one of the protocol for each folder of `shared`.

use super::Source;
use std::collections::BTreeSet;

const FOLDERS: &str = "shared/src/";
const PAGES: &str = "docs/protocol/";

/// Checks that `docs/protocol/FOLDER.md` is there for each `shared/src/FOLDER/`.
pub fn check(sources: &[Source]) -> Vec<String> {
    let inside = sources
        .iter()
        .filter_map(|source| source.path.strip_prefix(FOLDERS));
    let folders: BTreeSet<_> = inside
        .filter_map(|path| Some(path.split_once('/')?.0))
        .collect();
    let has_page = |folder: &str| {
        let page = format!("{PAGES}{folder}.md");
        sources.iter().any(|source| source.path == page)
    };
    let lacking = folders.iter().filter(|folder| !has_page(folder));
    lacking
        .map(|folder| format!("{FOLDERS}{folder}/ has no page {PAGES}{folder}.md"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn each_folder_of_shared_has_its_page() {
        let paths = [
            "shared/src/lib.rs",
            "shared/src/peer/mod.rs",
            "shared/src/base/ids.rs",
            "docs/protocol/base.md",
        ];
        let sources = paths.map(|path| source(path, ""));
        assert_eq!(
            check(&sources),
            ["shared/src/peer/ has no page docs/protocol/peer.md"]
        );
    }
}
