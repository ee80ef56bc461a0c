//! Waiting for IndexedDB's requests and transactions, and what its errors mean.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot::{self, Receiver};
use idb::{Request, Transaction};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, IdbTransaction};

use super::StorageError;

/// What an error that was thrown means.
pub fn refused(error: idb::Error) -> StorageError {
    use idb::Error as E;
    match error {
        E::IndexedDbNotFound(_) | E::IndexedDbOpenFailed(_) => StorageError::Forbidden,
        E::DomException(exception) => named(&exception),
        E::UpdateFailed(value) | E::DeleteFailed(value) => {
            value.dyn_ref().map_or(StorageError::Other, named)
        }
        _ => StorageError::Other,
    }
}

fn named(exception: &DomException) -> StorageError {
    match exception.name().as_str() {
        "QuotaExceededError" => StorageError::Full,
        // The only `add` is that of the next term.
        "ConstraintError" => StorageError::Taken,
        "SecurityError" | "NotAllowedError" => StorageError::Forbidden,
        "InvalidStateError" | "TransactionInactiveError" => StorageError::Gone,
        _ => StorageError::Other,
    }
}

/// A request whose end is listened for from the beginning, so that it cannot be missed.
pub struct Pending<R> {
    request: R,
    end: Receiver<()>,
}

impl<R: Request> Pending<R> {
    /// Begins to listen.
    pub fn of(mut request: R) -> Self {
        let (send, end) = oneshot::channel();
        let send = Rc::new(Cell::new(Some(send)));
        let also = Rc::clone(&send);
        let tell = move |send: &Cell<Option<oneshot::Sender<()>>>| {
            if let Some(send) = send.take() {
                let _ = send.send(());
            }
        };
        request.on_success(move |_| tell(&send));
        request.on_error(move |_| tell(&also));
        Self { request, end }
    }

    /// Its result.
    pub async fn result(self) -> Result<JsValue, StorageError> {
        self.end.await.map_err(|_| StorageError::Other)?;
        match self.request.error() {
            Ok(Some(exception)) => Err(named(&exception)),
            _ => self.request.result().map_err(refused),
        }
    }
}

/// The result of `request`.
pub fn done<R: Request>(request: R) -> impl Future<Output = Result<JsValue, StorageError>> {
    Pending::of(request).result()
}

/// Listens from now on for the end of `transaction`; the future gives it.
pub fn finished(
    mut transaction: Transaction,
) -> impl Future<Output = Result<(), StorageError>> + use<> {
    let (send, receive) = oneshot::channel();
    let send = Rc::new(Cell::new(Some(send)));
    let also = Rc::clone(&send);
    transaction.on_complete(move |_| {
        if let Some(send) = send.take() {
            let _ = send.send(Ok(()));
        }
    });
    transaction.on_abort(move |event| {
        if let Some(send) = also.take() {
            let transaction = event
                .target()
                .and_then(|t| t.dyn_into::<IdbTransaction>().ok());
            let error = transaction.and_then(|transaction| transaction.error());
            let _ = send.send(Err(error.as_ref().map_or(StorageError::Other, named)));
        }
    });
    async move {
        let end = receive.await.unwrap_or(Err(StorageError::Gone));
        drop(transaction);
        end
    }
}
