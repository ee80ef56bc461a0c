//! What OpenMLS is handed: our cryptography, randomness and storage.

use openmls_traits::OpenMlsProvider;
use zeroize::Zeroizing;

use super::{crypto::Crypto, storage::Storage};
use crate::base::random::Random;

#[derive(Default)]
pub(super) struct Provider {
    pub crypto: Crypto,
    pub storage: Storage,
}

impl Provider {
    /// Runs one operation: with random bytes if it is given some, and all or nothing in storage.
    pub fn run<T, E>(
        &self,
        random: Option<&mut dyn Random>,
        operation: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Outcome<T, E> {
        if let Some(random) = random {
            let mut seed = Zeroizing::new([0; 32]);
            random.fill(seed.as_mut_slice());
            self.crypto.seed(seed);
        }
        let result = operation(self);
        self.crypto.forget();
        match result {
            Ok(value) => {
                self.storage.commit();
                Outcome {
                    result: Ok(value),
                    rolled_back: false,
                }
            }
            Err(error) => Outcome {
                result: Err(error),
                rolled_back: self.storage.roll_back(),
            },
        }
    }
}

/// How an operation ended.
pub(super) struct Outcome<T, E> {
    pub result: Result<T, E>,
    /// Storage was put back as it was, so what is in memory of the group is no longer true.
    pub rolled_back: bool,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Storage;

    fn storage(&self) -> &Storage {
        &self.storage
    }

    fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    fn rand(&self) -> &Crypto {
        &self.crypto
    }
}
