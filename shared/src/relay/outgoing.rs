//! What is sent on a link.

use alloc::vec;
use alloc::vec::Vec;

use crate::base::codec::{encode, encode_with_room};
use crate::mailbox::wire::DepositCode;
use crate::session::wire::{DepositReceipt, NodeFrame};

/// Bytes a receipt takes in a frame, at most: a map of five, three numbers of 32 bits, an id and a code.
const RECEIPT_BYTES: usize = 40;
/// Bytes a frame of receipts takes beside them, at most.
const FRAME_OVERHEAD: usize = 8;

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A frame.
    Frame {
        /// As carried.
        bytes: Vec<u8>,
        /// What to send instead when the batch of the same input was not committed.
        instead: Option<Vec<u8>>,
    },
    /// The answer to one deposit. Several for one link may go in one frame.
    Receipt {
        /// The answer.
        receipt: DepositReceipt,
        /// Nobody waits for it: it may go a little later, with others.
        patient: bool,
    },
}

impl Outgoing {
    /// A frame that depends on no batch.
    #[must_use]
    pub fn frame(frame: &NodeFrame) -> Self {
        Self::Frame {
            bytes: encode(frame),
            instead: None,
        }
    }

    /// As carried, a receipt in a frame of its own.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Frame { bytes, .. } => bytes,
            Self::Receipt { receipt, .. } => receipts(vec![receipt]),
        }
    }

    /// What to send instead when the batch of the same input was not committed, if anything.
    #[must_use]
    pub fn instead(self) -> Option<Self> {
        match self {
            Self::Frame { instead, .. } => instead.map(|bytes| Self::Frame {
                bytes,
                instead: None,
            }),
            Self::Receipt { receipt, .. } => {
                let code = match receipt.code {
                    DepositCode::Ok => DepositCode::Storage,
                    refused => refused,
                };
                Some(Self::Receipt {
                    receipt: DepositReceipt {
                        code,
                        handed: 0,
                        keep_seconds: None,
                        ..receipt
                    },
                    patient: false,
                })
            }
        }
    }
}

/// A frame of receipts, as carried.
#[must_use]
pub fn receipts(receipts: Vec<DepositReceipt>) -> Vec<u8> {
    let room = FRAME_OVERHEAD.saturating_add(receipts.len().saturating_mul(RECEIPT_BYTES));
    encode_with_room(&NodeFrame::Deposited { receipts }, room)
}
