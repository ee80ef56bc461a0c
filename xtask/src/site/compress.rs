//! Lays `FILE.br` and `FILE.gz` beside each file that gets smaller by it.

use anyhow::{Context as _, Result};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Brotli's best quality: slow once, for each visitor's gain.
const BROTLI_QUALITY: i32 = 11;
/// Window of 2^24 bytes, the largest that browsers take.
const BROTLI_WINDOW_LOG2: i32 = 24;
/// Formats that are compressed already.
const COMPRESSED_ALREADY: [&str; 7] = ["br", "gz", "png", "jpg", "webp", "avif", "woff2"];

/// Compresses all files below `directory`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn all(directory: &Path) -> Result<()> {
    let files: Vec<_> = super::publish::files(directory)?
        .into_iter()
        .filter(|file| is_worth_trying(file))
        .collect();
    std::thread::scope(|scope| {
        let jobs: Vec<_> = files
            .iter()
            .map(|file| scope.spawn(move || one(file)))
            .collect();
        jobs.into_iter().try_for_each(|job| match job.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

fn is_worth_trying(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default();
    !COMPRESSED_ALREADY.iter().any(|known| extension == *known)
}

fn one(file: &Path) -> Result<()> {
    let plain = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    for (suffix, packed) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
        if packed.len() < plain.len() {
            std::fs::write(with_suffix(file, suffix), packed)?;
        }
    }
    Ok(())
}

/// `index.html` with suffix `br` is `index.html.br`.
pub fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_LOG2,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &plain[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn both_forms_unpack_to_the_same_bytes() {
        let plain = "a page of the same words, the same words, the same words"
            .repeat(50)
            .into_bytes();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(&plain).unwrap()[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
        unpacked.clear();
        flate2::read::GzDecoder::new(&gzip(&plain).unwrap()[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
    }

    #[test]
    fn suffixes_are_added_not_replaced() {
        assert_eq!(
            with_suffix(Path::new("a/index.html"), "br"),
            Path::new("a/index.html.br")
        );
        assert!(is_worth_trying(Path::new("a.css")) && !is_worth_trying(Path::new("a.png")));
    }
}
