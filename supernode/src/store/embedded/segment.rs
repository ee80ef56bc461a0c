//! One file of the log.
//!
//! It begins with a head: what it is, its number, a random seed for the checksums, the number of its
//! first batch, and a checksum of these. Frames follow. Its length is given to it before it is used, and its
//! bytes are written once, as zeros: an fsync that moves the end of a file costs two or three
//! times as much.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use shared::base::random;
use xxhash_rust::xxh3::xxh3_64;

use crate::random::System;

/// Where the first frame begins.
pub const START: u32 = 64;
const MAGIC: &[u8; 8] = b"kithlog1";
const FIELDS_BYTES: usize = 28;
const HEAD_BYTES: usize = FIELDS_BYTES + 8;
const EXTENSION: &str = "log";
/// A file of zeros, or of what nobody needs any more, that waits for its use.
const SPARE: &str = "spare";
/// One that is not whole.
const UNFINISHED: &str = "unfinished";
/// Bytes written at once.
static ZEROS: [u8; 256 * 1024] = [0; 256 * 1024];

/// An open segment.
#[derive(Debug)]
pub struct Segment {
    /// Which; the log is the segments in order.
    pub number: u32,
    /// For the checksums.
    pub seed: u64,
    /// Number of its first batch. What the segments before it have from this one on does not count.
    pub first: u64,
    /// Bytes it may hold.
    pub bytes: u64,
    file: File,
}

impl Segment {
    /// Makes the spare file the segment `number`. If there is none, or it has fewer than `least` bytes, one
    /// of `bytes` is made first.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn create(
        folder: &Path,
        number: u32,
        first: u64,
        bytes: u64,
        least: u64,
    ) -> io::Result<Self> {
        let spare = folder.join(SPARE);
        if fs::metadata(&spare).is_ok_and(|spare| spare.len() < least) {
            fs::remove_file(&spare)?;
        }
        prepare(folder, bytes.max(least))?;
        let file = File::options().read(true).write(true).open(&spare)?;
        let seed = u64::from_le_bytes(random::bytes(&mut System::default()));
        let mut head = Vec::with_capacity(HEAD_BYTES);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&number.to_le_bytes());
        head.extend_from_slice(&seed.to_le_bytes());
        head.extend_from_slice(&first.to_le_bytes());
        head.extend_from_slice(&xxh3_64(&head).to_le_bytes());
        file.write_all_at(&head, 0)?;
        file.sync_all()?;
        fs::rename(&spare, path(folder, number))?;
        sync_folder(folder)?;
        Ok(Self {
            number,
            seed,
            first,
            bytes: file.metadata()?.len(),
            file,
        })
    }

    /// Opens the segment `number`.
    ///
    /// # Errors
    /// As the operating system says; [`io::ErrorKind::InvalidData`] when its head is damaged.
    pub fn open(folder: &Path, number: u32) -> io::Result<Self> {
        let path = path(folder, number);
        let file = File::options().read(true).write(true).open(path)?;
        let mut head = [0; HEAD_BYTES];
        file.read_exact_at(&mut head, 0)?;
        let (fields, checksum) = head.split_at(FIELDS_BYTES);
        let field = |at: usize| fields[at..].first_chunk().copied().unwrap_or_default();
        let right = fields.starts_with(MAGIC)
            && fields[8..12] == number.to_le_bytes()
            && checksum == xxh3_64(fields).to_le_bytes();
        if !right {
            let what = format!("the head of segment {number} is damaged");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(Self {
            number,
            seed: u64::from_le_bytes(field(12)),
            first: u64::from_le_bytes(field(20)),
            bytes: file.metadata()?.len(),
            file,
        })
    }

    /// Numbers of the segments in `folder`, in order.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn list(folder: &Path) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let stem: Option<u32> = path
                .file_stem()
                .and_then(|stem| stem.to_str()?.parse().ok());
            if path.extension().is_some_and(|found| found == EXTENSION) {
                numbers.extend(stem);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Writes at `at`; not safe before [`Self::sync`].
    ///
    /// # Errors
    /// As the operating system says.
    pub fn write(&self, bytes: &[u8], at: u32) -> io::Result<()> {
        self.file.write_all_at(bytes, u64::from(at))
    }

    /// Returns when what was written would survive a power cut.
    ///
    /// # Errors
    /// As the operating system says. What was written since the last time may then be lost although it can
    /// still be read, and a second attempt proves nothing: nothing more may be written to this file.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Reads `len` bytes at `at`.
    ///
    /// # Errors
    /// As the operating system says, and when the file is shorter.
    pub fn read(&self, at: u32, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, u64::from(at))?;
        Ok(bytes)
    }

    /// All of it.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn read_all(&self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.bytes).map_err(io::Error::other)?;
        self.read(0, len)
    }

    /// Removes it. With `spare`, its file waits for its next use, if none does.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn remove(&self, folder: &Path, spare: bool) -> io::Result<()> {
        let path = path(folder, self.number);
        let waiting = folder.join(SPARE);
        if spare && !waiting.exists() {
            fs::rename(path, waiting)?;
        } else {
            fs::remove_file(path)?;
        }
        sync_folder(folder)
    }
}

/// Makes a spare file of `bytes`, unless there is one.
///
/// # Errors
/// As the operating system says.
pub fn prepare(folder: &Path, bytes: u64) -> io::Result<()> {
    let spare = folder.join(SPARE);
    if spare.exists() {
        return Ok(());
    }
    let unfinished = folder.join(UNFINISHED);
    let written = write_zeros(&unfinished, bytes);
    if written.is_err() {
        // What is half there only takes room.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    fs::rename(unfinished, spare)
}

/// Makes names that were given or taken away last.
///
/// # Errors
/// As the operating system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn write_zeros(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut left = bytes;
    while left > 0 {
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(ZEROS.len());
        file.write_all(&ZEROS[..len])?;
        left -= len as u64;
    }
    file.sync_all()
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:010}.{EXTENSION}"))
}
