//! A plain static host: a folder's files below a path prefix, brotli-compressed like any good
//! host's. It knows nothing of the application.

use anyhow::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Brotli level of a pre-compressed site.
const BROTLI_QUALITY: u32 = 11;
/// Brotli window, as the power of two of its bytes.
const BROTLI_WINDOW: u32 = 22;

/// A running static host; it ends with its owner.
pub struct Site {
    address: SocketAddr,
    prefix: String,
    /// Beginnings of the names of files that are not answered for yet.
    held: watch::Sender<Option<&'static str>>,
    task: JoinHandle<()>,
}

struct File {
    content_type: HeaderValue,
    plain: Bytes,
    /// Made when first asked for: large sites have much that no page loads.
    brotli: OnceLock<Bytes>,
}

impl Site {
    /// Serves the files of `folder`, with `more` over or beside them, below `/PREFIX/`; an empty
    /// prefix serves them from the root.
    ///
    /// # Errors
    /// When a file cannot be read or no port can be had.
    pub async fn serve(folder: &Path, prefix: &str, more: &[(&str, Vec<u8>)]) -> Result<Self> {
        let mut files = HashMap::new();
        let base = if prefix.is_empty() {
            "/".to_owned()
        } else {
            format!("/{prefix}/")
        };
        read_folder(folder, &base, &mut files)?;
        for (name, bytes) in more {
            files.insert(format!("{base}{name}"), File::new(name, bytes.clone())?);
        }
        let files = Arc::new(files);
        let (held, hold) = watch::channel(None);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (files, hold) = (Arc::clone(&files), hold.clone());
                tokio::spawn(async move {
                    let answer = service_fn(move |request| {
                        let response = respond(&files, &request);
                        let mut hold = hold.clone();
                        async move {
                            let name = request.uri().path().rsplit('/').next().unwrap_or_default();
                            let is_free = |held: &Option<&str>| {
                                held.is_none_or(|held: &str| !name.starts_with(held))
                            };
                            // Fails when the site is gone, and with it whoever asked.
                            let _ = hold.wait_for(is_free).await;
                            Ok::<_, Infallible>(response)
                        }
                    });
                    // A browser that hangs up early is no failure of the host.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        });
        Ok(Self {
            address,
            prefix: base,
            held,
            task,
        })
    }

    /// Answers for files whose names begin so only after [`Site::release`].
    pub fn hold(&self, beginning: &'static str) {
        self.held.send_replace(Some(beginning));
    }

    /// Answers for all files again, and for those that were asked for meanwhile.
    pub fn release(&self) {
        self.held.send_replace(None);
    }

    /// Address of the served folder.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}{}", self.address.port(), self.prefix)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn respond(files: &HashMap<String, File>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut path = request.uri().path().to_owned();
    if path.ends_with('/') {
        path.push_str("index.html");
    }
    let Some(file) = files.get(&path) else {
        let mut missing = Response::new(Full::new(Bytes::from_static(b"not found")));
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let takes_brotli = request
        .headers()
        .get_all("accept-encoding")
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.contains("br")));
    let brotli = takes_brotli
        .then(|| file.brotli())
        .filter(|brotli| brotli.len() < file.plain.len());
    let smaller = brotli.is_some();
    let mut response = Response::new(Full::new(brotli.unwrap_or(&file.plain).clone()));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, file.content_type.clone());
    if smaller {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn read_folder(folder: &Path, base: &str, files: &mut HashMap<String, File>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{base}{name}/"), files)?;
        } else {
            files.insert(
                format!("{base}{name}"),
                File::new(&name, fs::read(entry.path())?)?,
            );
        }
    }
    Ok(())
}

impl File {
    fn new(name: &str, plain: Vec<u8>) -> Result<Self> {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        Ok(Self {
            content_type: HeaderValue::from_str(kind.as_ref())?,
            plain: plain.into(),
            brotli: OnceLock::new(),
        })
    }

    fn brotli(&self) -> &Bytes {
        const BUFFER_BYTES: usize = 64 * 1024;
        self.brotli.get_or_init(|| {
            let mut writer = brotli::CompressorWriter::new(
                Vec::new(),
                BUFFER_BYTES,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            );
            match writer.write_all(&self.plain) {
                Ok(()) => writer.into_inner().into(),
                // Then it is served as it is.
                Err(_) => self.plain.clone(),
            }
        })
    }
}
