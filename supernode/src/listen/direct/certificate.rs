//! The certificate that routes name by its hash: made once, and kept beside the node key.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use rtc_crypto::RTCCryptoProvider;
use rtc_dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate as Pair;
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use shared::base::hash::sha256;
use shared::direct::Fingerprint;

use crate::identity;

/// Where in the data folder it is: PEM, the private key and the certificate.
pub const FILE: &str = "direct.pem";

/// How long a flight of the handshake may go without an answer before it is sent again (RFC 6347 §4.2.4.1).
const FLIGHT_INTERVAL: Duration = Duration::from_millis(250);

/// For media, of which there is none: browsers ask for one of these all the same (RFC 8827 §6.5, RFC 7714), and
/// are refused if none is named.
const SRTP: [SrtpProtectionProfile; 2] = [
    SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
    SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
];

/// A self-signed certificate, ECDSA on P-256, and its key.
pub struct Certificate {
    pair: Pair,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Certificate {
    /// Reads the one in `folder`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "cannot read {}; run the supernode once, or name its --data",
                path.display()
            )
        })?;
        Self::from_pem(&text, &path)
    }

    /// Reads the one in `folder`, or makes one that only the owner of the process may read.
    ///
    /// # Errors
    /// When the file cannot be read or written, or does not hold a certificate and its key.
    pub fn read_or_make(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::from_pem(&text, &path),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let provider = provider()?;
                let pair = Pair::generate_self_signed(Vec::new(), provider.crypto());
                let pair = pair.map_err(|why| anyhow!("cannot make a certificate: {why}"))?;
                let text = pair.serialize_pem().map_err(|why| anyhow!("{why}"))?;
                identity::write_new(folder, &path, text.as_bytes())
                    .with_context(|| format!("cannot keep {}", path.display()))?;
                Ok(Self { pair, provider })
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn from_pem(text: &str, path: &Path) -> Result<Self> {
        let provider = provider()?;
        let pair = Pair::from_pem(text, provider.crypto()).ok();
        let pair = pair.filter(|pair| !pair.certificate.is_empty());
        let pair = pair.with_context(|| {
            format!(
                "{} does not hold a certificate and its key; restore it from a backup",
                path.display()
            )
        })?;
        Ok(Self { pair, provider })
    }

    /// SHA-256 over its DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let der = self.pair.certificate.first();
        sha256(&[der.map_or(&[], |der| der)]).0
    }

    /// How it is used: the client shows a certificate too, any, which the session ties to what it proves.
    ///
    /// # Errors
    /// When the library will not have it.
    pub fn handshake(&self) -> Result<HandshakeConfig> {
        let config = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&self.provider))
            .with_certificates(vec![self.pair.clone()])
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_flight_interval(FLIGHT_INTERVAL)
            .with_srtp_protection_profiles(SRTP.to_vec())
            .with_insecure_skip_verify(true)
            .build(false, None)
            .map_err(|why| anyhow!("cannot use the certificate of WebRTC-direct: {why}"))?;
        Ok(config)
    }
}

fn provider() -> Result<Arc<dyn RTCCryptoProvider>> {
    let provider = rtc_crypto::default_provider();
    provider.map_err(|why| anyhow!("no cryptography for DTLS: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Certificate::read(folder.path()).is_err());
        let first = Certificate::read_or_make(folder.path()).unwrap();
        let second = Certificate::read_or_make(folder.path()).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        let third = Certificate::read(folder.path()).unwrap();
        assert_eq!(first.fingerprint(), third.fingerprint());
        use std::os::unix::fs::PermissionsExt;
        let kept = fs::metadata(folder.path().join(FILE)).unwrap();
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_one_is_reported_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for damaged in [
            "",
            "junk",
            "-----BEGIN PRIVATE_KEY-----\nAAAA\n-----END PRIVATE_KEY-----\n",
        ] {
            fs::write(&path, damaged).unwrap();
            assert!(Certificate::read_or_make(folder.path()).is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }
}
