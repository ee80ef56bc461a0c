//! What every response tells the browser it may not do.
//!
//! The page runs its own script and WebAssembly only, talks to any supernode (so `connect-src` names
//! schemes, not hosts), and submits nothing anywhere. Who may frame it is the operator's to say:
//! `'self'` by default. Embedding will need `*`; browsers give a framed page storage of its own per
//! embedding site, so what a framing page could trick somebody into clicking is not the persona they
//! use elsewhere.

use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

const DIRECTIVES: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; \
    connect-src 'self' ws: wss: http: https:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors ";
const PERMISSIONS: &str = "accelerometer=(), bluetooth=(), browsing-topics=(), geolocation=(), gyroscope=(), \
    hid=(), magnetometer=(), midi=(), payment=(), serial=(), usb=(), camera=(self), microphone=(self), \
    display-capture=(self)";

/// Headers for every response.
#[derive(Debug, Clone)]
pub struct Policy {
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Policy {
    /// With `frame_ancestors` as a CSP source list.
    ///
    /// # Errors
    /// When the list holds what no header may.
    pub fn new(frame_ancestors: &str) -> Result<Self, http::header::InvalidHeaderValue> {
        let csp = HeaderValue::from_str(&format!("{DIRECTIVES}{frame_ancestors}"))?;
        let headers = vec![
            (CONTENT_SECURITY_POLICY, csp),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(PERMISSIONS),
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        Ok(Self { headers })
    }

    /// Adds them.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }
}
