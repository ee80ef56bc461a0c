//! Faults planted on purpose, to see that the simulator (`e2e/swarm`) finds them. They exist only with
//! the feature `planted`; without it every question here is answered with no, by a constant.

/// One promise broken in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A supernode says OK and does not write.
    AcknowledgeUnkept,
    /// A supernode keeps a repeated envelope again.
    ForgetDuplicates,
    /// A supernode takes envelopes with any capability.
    ForgetCapability,
    /// A supernode gives a mailbox to any device.
    ClaimByAnyDevice,
    /// A page takes the word of a device that is not on its persona's list.
    AcceptAnyDevice,
    /// A page does not keep how far its ratchet has moved when it encrypts.
    ReuseRatchet,
    /// A page confirms a message that it does not keep.
    ConfirmUnkept,
    /// A page writes its sender on the outside of an envelope.
    NameSender,
    /// A page that reloads forgets what waits.
    ForgetOutbox,
    /// A supernode takes envelopes with a capability that was taken back.
    ForgetRevocation,
    /// A page takes what comes of somebody who is blocked.
    ForgetBlock,
    /// A supernode keeps more in a mailbox than it grants.
    ForgetQuota,
    /// A supernode hands over what has expired.
    DeliverExpired,
    /// A supernode registers whoever comes, whatever it asks for.
    IgnoreGate,
    /// A supernode does not keep how far a device has read.
    ForgetCursor,
    /// A supernode deletes what one of several devices has.
    DeleteAfterOne,
    /// A supernode goes back to an older device list.
    AcceptOldList,
    /// A page keeps another commit than the one that its welcome leads to.
    CommitTwice,
    /// A supernode keeps more than its operator has room for.
    ForgetRoom,
    /// A supernode hands over any number of envelopes ahead of what was acknowledged.
    ForgetWindow,
    /// A page that knocks is due to knock again at once.
    NeverRest,
    /// A page does not keep the ciphertext that it sends.
    SendUnkept,
    /// A page writes a text on the outside of its envelope.
    TellText,
    /// A supernode takes what is asked where the address is closed.
    AskWhereClosed,
    /// A supernode takes what is asked without work.
    AskForNothing,
    /// A page lets in whoever asks, before its owner has.
    LetInUnasked,
    /// A page takes a contact's word for what another contact has.
    BelieveAnyContact,
}

#[cfg(feature = "planted")]
mod switch {
    use super::Fault;
    use core::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// From now on everything on this thread has this fault, or none.
    pub fn plant(fault: Option<Fault>) {
        PLANTED.set(fault);
    }

    pub(crate) fn is_planted(fault: Fault) -> bool {
        PLANTED.get() == Some(fault)
    }
}

#[cfg(feature = "planted")]
pub(crate) use switch::is_planted;
#[cfg(feature = "planted")]
pub use switch::plant;

#[cfg(not(feature = "planted"))]
pub(crate) const fn is_planted(_: Fault) -> bool {
    false
}

#[cfg(all(feature = "planted", target_arch = "wasm32"))]
compile_error!("a page is never built with planted faults");
