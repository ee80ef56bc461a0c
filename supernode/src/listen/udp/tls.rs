//! The certificate by which TLS is spoken.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::File;

/// Reads a certificate, with those up to its authority, and its key from PEM files.
///
/// # Errors
/// When one cannot be read, or they do not belong together.
pub fn config(certificate: &File, key: &File) -> Result<Arc<ServerConfig>> {
    let certificate = certificate
        .0
        .as_ref()
        .context("turn_tls needs tls_certificate")?;
    let key = key.0.as_ref().context("turn_tls needs tls_key")?;
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .context("cannot read tls_certificate")?;
    ensure!(!chain.is_empty(), "tls_certificate holds no certificate");
    let key = PrivateKeyDer::from_pem_file(key).context("cannot read tls_key")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("tls_certificate and tls_key do not belong together")?;
    Ok(Arc::new(config))
}
