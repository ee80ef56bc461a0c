//! The certificate by which TLS is spoken. It is read again when its files change, so that one that an authority
//! has renewed needs no restart.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tracing::{info, warn};
use webpki::EndEntityCert;

use crate::config::File;

/// How often files are looked at. Renewed certificates are there days before the old ones end.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A certificate and its key, from files.
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    /// When each was written that is in use.
    written: [Option<SystemTime>; 2],
    looked: Instant,
    config: Arc<ServerConfig>,
    name: Option<String>,
}

impl Certificate {
    /// Reads a certificate, with those up to its authority, and its key from PEM files.
    ///
    /// # Errors
    /// When one cannot be read, or they do not belong together.
    pub fn read(certificate: &File, key: &File, now: Instant) -> Result<Self> {
        let certificate = certificate.0.clone();
        let certificate = certificate.context("turn_tls needs tls_certificate")?;
        let key = key.0.clone().context("turn_tls needs tls_key")?;
        let written = [&certificate, &key].map(written);
        let (config, name) = load(&certificate, &key)?;
        Ok(Self {
            certificate,
            key,
            written,
            looked: now,
            config,
            name,
        })
    }

    /// How TLS is spoken.
    pub fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    /// The first host name that it is for, wildcards aside.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Reads the files again if they have changed; looks at most once a minute. What cannot be used leaves all
    /// as it is, and is tried again.
    pub fn refresh(&mut self, now: Instant) {
        if now.saturating_duration_since(self.looked) < LOOK_EVERY {
            return;
        }
        self.looked = now;
        let written = [&self.certificate, &self.key].map(written);
        if written == self.written {
            return;
        }
        match load(&self.certificate, &self.key) {
            Ok((config, _)) => {
                (self.config, self.written) = (config, written);
                info!("the certificate has been read again");
            }
            Err(why) => warn!("the old certificate stays in use: {why:#}"),
        }
    }
}

fn written(path: &PathBuf) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

fn load(certificate: &Path, key: &Path) -> Result<(Arc<ServerConfig>, Option<String>)> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .context("cannot read tls_certificate")?;
    let own = chain.first();
    ensure!(own.is_some(), "tls_certificate holds no certificate");
    let name = own.and_then(first_name);
    let key = PrivateKeyDer::from_pem_file(key).context("cannot read tls_key")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("tls_certificate and tls_key do not belong together")?;
    Ok((Arc::new(config), name))
}

fn first_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let mut names = certificate.valid_dns_names();
    let name = names.find(|name| !name.starts_with('*'))?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, names: &[&str]) -> [File; 2] {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let files = [
            ("certificate.pem", made.cert.pem()),
            ("key.pem", made.signing_key.serialize_pem()),
        ];
        files.map(|(name, text)| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            File(Some(path))
        })
    }

    fn name_of(names: &[&str]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = write(folder.path(), names);
        let read = Certificate::read(&certificate, &key, Instant::now()).unwrap();
        read.name().map(str::to_owned)
    }

    #[test]
    fn the_first_host_name_counts_that_is_one() {
        let name = |names: &[&str]| name_of(names);
        assert_eq!(
            name(&["*.example.org", "relay.example.org", "other.example.org"]).as_deref(),
            Some("relay.example.org")
        );
        assert_eq!(name(&["192.0.2.1"]), None);
        assert_eq!(name(&["*.example.org"]), None);
    }

    #[test]
    fn a_renewed_certificate_is_in_use_after_a_minute_and_a_damaged_one_never() {
        let folder = tempfile::tempdir().unwrap();
        let now = Instant::now();
        let [certificate, key] = write(folder.path(), &["localhost"]);
        let mut read = Certificate::read(&certificate, &key, now).unwrap();
        let first = Arc::clone(read.config());
        let is_first = |read: &Certificate| Arc::ptr_eq(read.config(), &first);
        read.refresh(now + LOOK_EVERY);
        assert!(is_first(&read), "nothing has changed");

        // Another's key: as when only one of both has been written yet.
        let path = certificate.0.as_ref().unwrap();
        let old = fs::read(path).unwrap();
        let later = SystemTime::now() + Duration::from_secs(5);
        let touch = |path: &Path| {
            let file = fs::File::options().append(true).open(path).unwrap();
            file.set_modified(later).unwrap();
        };
        write(folder.path(), &["localhost"]);
        let new = fs::read(path).unwrap();
        fs::write(path, old).unwrap();
        touch(path);
        read.refresh(now + 2 * LOOK_EVERY);
        assert!(is_first(&read), "they do not belong together");

        fs::write(path, new).unwrap();
        touch(path);
        read.refresh(now + 3 * LOOK_EVERY - Duration::from_millis(1));
        assert!(is_first(&read), "not so soon");
        read.refresh(now + 3 * LOOK_EVERY);
        assert!(!is_first(&read));
    }
}
