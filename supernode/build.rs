//! Puts the finished site into the supernode: every file with its compressed forms.
//!
//! The site is the folder `KITH_DIST`, else `../dist`. When it is missing the supernode is built
//! without it and says so.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// Files up to this size that come without compressed forms are compressed here.
const COMPRESS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Shortest run of hexadecimal digits that makes a name one that changes with its content.
const HASH_DIGITS_MIN: usize = 14;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=KITH_DIST");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = env::var_os("KITH_DIST").map_or_else(|| manifest.join("../dist"), PathBuf::from);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo:rerun-if-changed={}", dist.join(".stamp").display());
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, &dist, &mut files)?;
    }
    files.sort();
    let mut code = String::from("/// The site.\npub static FILES: &[File] = &[\n");
    for (index, name) in files.iter().enumerate() {
        embed(&dist, name, &out.join(format!("file-{index}")), &mut code)?;
    }
    code.push_str("];\n");
    fs::write(out.join("site.rs"), code)
}

/// Names of all files to serve, relative to `root`, with slashes.
fn collect(root: &Path, folder: &Path, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        if file_name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(root, &entry.path(), names)?;
            continue;
        }
        let compressed = [".br", ".gz"].iter().any(|end| {
            file_name
                .strip_suffix(end)
                .is_some_and(|plain| folder.join(plain).is_file())
        });
        if let (false, Ok(relative)) = (compressed, entry.path().strip_prefix(root)) {
            names.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

fn embed(dist: &Path, name: &str, copy: &Path, code: &mut String) -> io::Result<()> {
    let plain = fs::read(dist.join(name))?;
    let kind = media_type(name);
    let compressible = !matches!(
        name.rsplit('.').next(),
        Some("png" | "jpg" | "webp" | "woff2" | "ico")
    );
    let form = |ending: &str,
                compress: fn(&[u8]) -> io::Result<Vec<u8>>|
     -> io::Result<Option<Vec<u8>>> {
        let beside = dist.join(format!("{name}.{ending}"));
        let bytes = match fs::read(beside) {
            Ok(bytes) => Some(bytes),
            Err(_) if compressible && plain.len() <= COMPRESS_BYTES_MAX => Some(compress(&plain)?),
            Err(_) => None,
        };
        Ok(bytes.filter(|bytes| bytes.len() < plain.len()))
    };
    let forms = [
        ("plain", Some(plain.clone())),
        ("brotli", form("br", brotli)?),
        ("gzip", form("gz", gzip)?),
    ];
    let digest = Sha256::digest(&plain);
    let tag = digest
        .iter()
        .take(12)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    let immutable = is_hashed(name);
    let _ = write!(
        code,
        "File {{ path: {name:?}, kind: {kind:?}, immutable: {immutable}, etag: \"\\\"{tag}\\\"\""
    );
    for (field, bytes) in forms {
        let value = match bytes {
            Some(bytes) => {
                let path = copy.with_extension(field);
                fs::write(&path, bytes)?;
                let include = format!("include_bytes!({:?})", path.display().to_string());
                if field == "plain" {
                    include
                } else {
                    format!("Some({include})")
                }
            }
            None => "None".to_owned(),
        };
        let _ = write!(code, ", {field}: {value}");
    }
    code.push_str(" },\n");
    Ok(())
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 11, 22);
    writer.write_all(bytes)?;
    drop(writer);
    Ok(out)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    writer.finish()
}

/// Whether the name holds a content hash: `name-<hex>.ext`, `name-<hex>_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit('/').next().unwrap_or(name);
    stem.split(['-', '.', '_']).skip(1).any(|part| {
        part.len() >= HASH_DIGITS_MIN && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "woff2" => "font/woff2",
        "ftl" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
