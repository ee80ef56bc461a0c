//! Accessibility rules, by axe-core injected into the page.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;

use crate::page::Page;
use crate::settings;

/// Rules of WCAG 2.2 level AA and axe's own best practices.
const RUN: &str = r"
const done = arguments[arguments.length - 1];
axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    resultTypes: ['violations'],
}).then(
    result => done(result.violations.map(rule =>
        `${rule.id} (${rule.impact}): ${rule.help}\n` +
        rule.nodes.map(node => `    ${node.target.join(' ')}: ${node.html.slice(0, 200)}\n        ${node.failureSummary}`).join('\n'))),
    error => done([`axe-core failed: ${error}`]));
";

/// What breaks a rule on the page as it is now; empty when nothing does.
///
/// # Errors
/// When axe-core is missing (see [`settings::axe`]) or cannot run.
pub async fn violations(page: &Page) -> Result<Vec<String>> {
    let file = settings::axe();
    if page.run("return typeof window.axe", json!([])).await? != "object" {
        let script = fs::read_to_string(&file)
            .with_context(|| format!("reading axe-core from {}", file.display()))?;
        page.run(&script, json!([])).await?;
    }
    let found = page.run_async(RUN, json!([])).await?;
    let lines = found.as_array().context("axe-core returned no list")?;
    Ok(lines
        .iter()
        .map(|line| {
            line.as_str()
                .map_or_else(|| Value::to_string(line), str::to_owned)
        })
        .collect())
}
