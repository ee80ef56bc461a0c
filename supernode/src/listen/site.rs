//! The page, as it was when the supernode was built.

use http::StatusCode;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use warp::reply::Response as Reply;

use super::http::{body, text};

/// One file of the site.
pub struct File {
    /// Without a leading slash.
    pub path: &'static str,
    /// Media type.
    pub kind: &'static str,
    /// Whether its name changes with its content.
    pub immutable: bool,
    /// Strong entity tag of the plain bytes, with quotes.
    pub etag: &'static str,
    /// Plain.
    pub plain: &'static [u8],
    /// Compressed by brotli (RFC 7932), where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Compressed by gzip (RFC 1952), where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/site.rs"));

const MISSING: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Kith supernode</title>\n\
    <h1>This supernode works, but was built without the page</h1>\n\
    <p>Build both with <code>cargo xtask build</code>, or start with <code>cargo xtask run</code>.</p>\n\
    <p>Pages from elsewhere can use it: <a href=\"/.well-known/kith\">who it is</a>.</p>\n</html>\n";

/// Whether the page was there when the supernode was built.
#[must_use]
pub fn is_embedded() -> bool {
    !FILES.is_empty()
}

/// Answers a GET or HEAD of `path`.
#[must_use]
pub fn respond(path: &str, headers: &HeaderMap) -> Reply {
    respond_from(FILES, path, headers)
}

fn respond_from(files: &'static [File], path: &str, headers: &HeaderMap) -> Reply {
    let name = path.strip_prefix('/').unwrap_or(path);
    let name = if name.is_empty() { "index.html" } else { name };
    // Names are compared, never opened: there is no folder to climb out of.
    match files.iter().find(|file| file.path == name) {
        Some(file) => respond_file(file, headers),
        None if name == "index.html" => body(StatusCode::OK, "text/html; charset=utf-8", MISSING),
        None => text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
    }
}

fn respond_file(file: &'static File, headers: &HeaderMap) -> Reply {
    let (encoding, bytes) = match (
        accepts(headers, "br"),
        accepts(headers, "gzip"),
        file.brotli,
        file.gzip,
    ) {
        (true, _, Some(bytes), _) => (Some("br"), bytes),
        (_, true, _, Some(bytes)) => (Some("gzip"), bytes),
        _ => (None, file.plain),
    };
    let etag = encoding.map_or_else(
        || file.etag.to_owned(),
        |name| format!("{}-{name}\"", file.etag.trim_end_matches('"')),
    );
    let known = headers
        .get_all(IF_NONE_MATCH)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let fresh = known
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let mut response = if fresh {
        body(StatusCode::NOT_MODIFIED, file.kind, "")
    } else {
        body(StatusCode::OK, file.kind, bytes)
    };
    let out = response.headers_mut();
    if file.immutable {
        out.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        );
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        out.insert(ETAG, etag);
    }
    if let (Some(name), false) = (encoding, fresh) {
        out.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Whether `Accept-Encoding` (RFC 9110 §12.5.3) takes `coding`.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let mut any = false;
    for item in headers
        .get_all(ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
    {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused = weight.split(';').any(|part| {
            part.trim()
                .strip_prefix("q=")
                .is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0))
        });
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return !refused,
            "*" => any = !refused,
            _ => {}
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    static SITE: &[File] = &[
        File {
            path: "index.html",
            kind: "text/html; charset=utf-8",
            immutable: false,
            etag: "\"abc\"",
            plain: b"plain page",
            brotli: Some(b"br"),
            gzip: Some(b"gz"),
        },
        File {
            path: "app-0123456789abcdef.js",
            kind: "text/javascript; charset=utf-8",
            immutable: true,
            etag: "\"def\"",
            plain: b"js",
            brotli: None,
            gzip: None,
        },
    ];

    fn respond_to(path: &str, headers: &[(http::HeaderName, &str)]) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        respond_from(SITE, path, &map)
    }

    fn header(reply: &Reply, name: http::HeaderName) -> Option<&str> {
        reply
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    }

    #[test]
    fn the_best_encoding_that_is_taken_is_served() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("*", Some("br")),
            ("BR", Some("br")),
            ("identity", None),
            ("br;q=0, *;q=0", None),
            ("", None),
        ] {
            let reply = respond_to("/", &[(ACCEPT_ENCODING, accepted)]);
            assert_eq!(header(&reply, CONTENT_ENCODING), expected, "{accepted}");
            assert_eq!(header(&reply, VARY), Some("accept-encoding"));
        }
        let plain_only = respond_to("/app-0123456789abcdef.js", &[(ACCEPT_ENCODING, "br")]);
        assert_eq!(header(&plain_only, CONTENT_ENCODING), None);
    }

    #[test]
    fn a_page_that_is_known_is_not_sent_again() {
        let first = respond_to("/", &[(ACCEPT_ENCODING, "br")]);
        let tag = header(&first, ETAG).unwrap().to_owned();
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let again = respond_to("/", &[(ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, &known)]);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(header(&again, ETAG), Some(tag.as_str()));
        }
        let other_coding = respond_to("/", &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &tag)]);
        assert_eq!(other_coding.status(), StatusCode::OK);
    }

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert_eq!(
            header(&respond_to("/", &[]), CACHE_CONTROL),
            Some("no-cache")
        );
        let hashed = respond_to("/app-0123456789abcdef.js", &[]);
        assert_eq!(
            header(&hashed, CACHE_CONTROL),
            Some("public, max-age=31536000, immutable")
        );
    }

    #[test]
    fn without_a_site_the_page_says_how_to_build_it() {
        let reply = respond_from(&[], "/", &HeaderMap::new());
        assert_eq!(reply.status(), StatusCode::OK);
        assert!(MISSING.contains("cargo xtask build"));
        assert_eq!(
            respond_from(&[], "/x", &HeaderMap::new()).status(),
            StatusCode::NOT_FOUND
        );
    }
}
