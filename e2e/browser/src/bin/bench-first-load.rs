//! `bench-first-load [--runs N] [--anchor NAME=FOLDER,SELECTOR]…`: bytes, first paint and time to
//! usable of the page as the supernode serves it, plain and on a slow connection and processor,
//! beside other programs' pages in the same run.

use anyhow::Result;
use e2e_browser::bench::arguments::Arguments;
use e2e_browser::bench::first_load::{Condition, Measures, OWN_SELECTOR, Source, Subject};
use e2e_browser::bench::samples::report;
use e2e_browser::site::Site;
use e2e_browser::world::World;

const RUNS_DEFAULT: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::of_process(&["runs", "anchor"])?;
    let runs = arguments.number("runs", RUNS_DEFAULT)?;
    let world = World::new("bench-first-load")?;
    let node = world.supernode().await?;
    let ours = Subject {
        name: "kith".to_owned(),
        source: Source::Url(node.url()),
        selector: OWN_SELECTOR.to_owned(),
    };

    let mut subjects = vec![ours];
    for anchor in arguments.all("anchor") {
        subjects.push(anchor.parse()?);
    }
    let mut sites = Vec::new();
    let mut rows = Vec::new();
    for subject in &subjects {
        let url = match &subject.source {
            Source::Url(url) => url.clone(),
            Source::Folder(folder) => {
                sites.push(Site::serve(folder, "", &[]).await?);
                sites.last().map(Site::url).unwrap_or_default()
            }
        };
        for condition in [Condition::Plain, Condition::Slow] {
            rows.push((
                subject,
                url.clone(),
                condition,
                Measures::new(&subject.name, condition),
            ));
        }
    }
    // One run that does not count: hosts compress, the machine's caches fill.
    for (subject, url, _, _) in rows.iter().step_by(2) {
        let mut unseen = Measures::new(&subject.name, Condition::Plain);
        if let Err(error) = unseen
            .run(url, &subject.selector, Condition::Plain, false)
            .await
        {
            eprintln!("{}: {error:#}", subject.name);
        }
    }
    // Turns alternate, so that noise of the machine meets all alike.
    for run in 0..runs {
        eprintln!("run {} of {runs}", run + 1);
        for (subject, url, condition, measures) in &mut rows {
            let is_ours = subject.name == subjects[0].name;
            if let Err(error) = measures
                .run(url, &subject.selector, *condition, is_ours)
                .await
            {
                eprintln!("{}: {error:#}", subject.name);
            }
        }
    }
    let samples: Vec<_> = rows
        .into_iter()
        .flat_map(|(.., measures)| measures.into_samples())
        .collect();
    print!("{}", report("first-load", &samples));
    Ok(())
}
