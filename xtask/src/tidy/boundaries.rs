//! Who may name what: browser calls, clocks and chance each have one home.

use super::Source;

/// A word that only some places may hold.
struct Boundary {
    /// Where the rule applies.
    within: &'static str,
    /// Where it does not, inside of that.
    except: &'static str,
    words: &'static [&'static str],
    advice: &'static str,
}

const BOUNDARIES: [Boundary; 4] = [
    Boundary {
        within: "client-wasm/src/",
        except: "client-wasm/src/platform/",
        words: &["web_sys", "js_sys", "wasm_bindgen::"],
        advice: "browser calls live in client-wasm/src/platform/",
    },
    Boundary {
        within: "client-wasm/src/",
        except: "",
        words: &[".forget()"],
        advice: "a forgotten closure is never freed: keep it in a struct",
    },
    Boundary {
        within: "shared/src/",
        except: "",
        words: &[
            "Instant::now",
            "SystemTime",
            "thread_rng",
            "rand::rng()",
            "getrandom",
            "OsRng",
            "SysRng",
        ],
        advice: "shared has no clock and no chance of its own: take time and randomness as arguments",
    },
    Boundary {
        within: "shared/src/",
        except: "",
        words: &["std::net", "std::fs", "std::thread", "tokio::", "println!"],
        advice: "shared does no I/O",
    },
];

/// Checks one file. What stands in a comment is prose and allowed.
pub fn check(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for boundary in BOUNDARIES
        .iter()
        .filter(|boundary| source.is_rust() && boundary.holds_for(&source.path))
    {
        for (number, line) in source.lines() {
            let code = line.split("//").next().unwrap_or(line);
            if let Some(word) = boundary.words.iter().find(|word| code.contains(*word)) {
                findings.push(source.finding(number, &format!("`{word}`: {}", boundary.advice)));
            }
        }
    }
    findings
}

impl Boundary {
    fn holds_for(&self, path: &str) -> bool {
        path.starts_with(self.within) && (self.except.is_empty() || !path.starts_with(self.except))
    }
}

#[cfg(test)]
mod tests {
    use super::super::source;
    use super::*;

    #[test]
    fn browser_calls_have_one_home() {
        let text = "use web_sys::Window;\n";
        assert_eq!(
            check(&source("client-wasm/src/platform/window.rs", text)).len(),
            0
        );
        assert_eq!(
            check(&source("client-wasm/src/features/chat.rs", text)).len(),
            1
        );
        assert_eq!(
            check(&source(
                "client-wasm/src/platform/window.rs",
                "closure.forget();\n"
            ))
            .len(),
            1
        );
    }

    #[test]
    fn shared_has_no_clock_but_may_speak_of_one() {
        let path = "shared/src/peer.rs";
        assert_eq!(check(&source(path, "// never Instant::now\n")).len(), 0);
        assert_eq!(check(&source(path, "let now = Instant::now();\n")).len(), 1);
        assert_eq!(
            check(&source(
                "supernode/src/main.rs",
                "let now = Instant::now();\n"
            ))
            .len(),
            0
        );
    }
}
