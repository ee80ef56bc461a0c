//! What a person can do.

use alloc::string::String;

use super::requests::REQUEST_WORDS_BYTES_MAX;
use crate::base::id::{ConversationId, MessageId, NodeId, PersonaId};
use crate::base::limits::{NAME_BYTES_MAX, TEXT_BYTES_MAX};
use crate::invite::InviteError;

/// Something a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// First visit: make a persona and a device for it.
    CreatePersona {
        /// The name others see; trimmed; 1 to [`NAME_BYTES_MAX`] bytes.
        name: String,
    },
    /// Change the name others see.
    Rename {
        /// As in [`Command::CreatePersona`].
        name: String,
    },
    /// Accept somebody's invite: `code` is what stands after `#/i/`, or a whole link.
    AcceptInvite {
        /// The code or link.
        code: String,
    },
    /// Ask somebody for first contact by their public address, with some first words. By an invite, which
    /// needs nobody's leave, the same words are said as soon as there is a conversation.
    Ask {
        /// The code or link.
        code: String,
        /// At most [`REQUEST_WORDS_BYTES_MAX`] bytes after trimming; may be empty.
        words: String,
    },
    /// Let anybody ask for first contact who works so much, or nobody.
    OpenTo {
        /// [`PUBLIC_BITS_MIN`](super::requests::PUBLIC_BITS_MIN) to
        /// [`PUBLIC_BITS_MAX`](super::requests::PUBLIC_BITS_MAX); 0: nobody.
        work_bits: u8,
    },
    /// Let somebody in who asks.
    AcceptRequest(PersonaId),
    /// Put a request away for some time.
    DeclineRequest(PersonaId),
    /// Put a request away, and all of this persona to come.
    BlockRequest(PersonaId),
    /// Those whose requests were put away may ask again.
    LetAskAgain,
    /// Try a first contact again that nobody has heard.
    AskAgain(ConversationId),
    /// The person opens a chat: load its newest messages.
    OpenChat(ConversationId),
    /// The person leaves the open chat.
    CloseChat,
    /// Load messages before the oldest one shown of the open chat.
    LoadOlder(ConversationId),
    /// Say something.
    Say {
        /// Where.
        conversation: ConversationId,
        /// 1 to [`TEXT_BYTES_MAX`] bytes after trimming.
        text: String,
    },
    /// Try a failed message again.
    Retry {
        /// Where.
        conversation: ConversationId,
        /// Which.
        message: MessageId,
    },
    /// Whether the end of the open chat is before somebody's eyes: what is there and what comes is
    /// read, for as long as it stays so.
    Watch(ConversationId, bool),
    /// Let nothing of this contact in any more, and send them nothing.
    Block(ConversationId),
    /// Let a contact that was blocked in again.
    Unblock(ConversationId),
    /// Whether channels go through relays only, so that no contact learns an address of mine.
    SetAlwaysRelay(bool),
    /// Take back every invite of mine that may still be good, and make another.
    TakeBackInvites,
    /// Show an invite of its operator to a supernode that asks for one.
    BringToken {
        /// The supernode.
        node: NodeId,
        /// As the operator gave it.
        token: String,
    },
    /// Keep on top, or not.
    SetPinned(ConversationId, bool),
    /// Make no noise, or do.
    SetMuted(ConversationId, bool),
}

/// Why a command was not carried out. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no persona yet.
    #[error("no persona yet")]
    NoPersona,
    /// There is a persona already.
    #[error("there is a persona already")]
    HavePersona,
    /// The name is empty.
    #[error("a name is needed")]
    NameEmpty,
    /// The name is too long.
    #[error("the name has {len} bytes, at most {NAME_BYTES_MAX} are possible")]
    NameTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The text is empty.
    #[error("there is nothing to send")]
    TextEmpty,
    /// The text is too long.
    #[error("the message has {len} bytes, at most {TEXT_BYTES_MAX} are possible")]
    TextTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// No such conversation.
    #[error("no such chat")]
    NoConversation,
    /// Too many invites were taken back that would still be good.
    #[error("too many invites were taken back of late")]
    TooManyTakenBack,
    /// The contact is blocked: nothing goes to them.
    #[error("this contact is blocked")]
    Blocked,
    /// A contact that has not answered cannot be blocked yet.
    #[error("this contact has not answered yet")]
    NotAnswered,
    /// More rights were taken back than homes remember.
    #[error("too many contacts were blocked")]
    TooManyBlocked,
    /// It is no invite of an operator.
    #[error("this is not an invite of a supernode's operator")]
    BadToken,
    /// There is no such request any more, or it cannot be answered.
    #[error("this request is not there any more, or cannot be answered")]
    NoRequest,
    /// The first words are too long.
    #[error("the first words have {len} bytes, at most {REQUEST_WORDS_BYTES_MAX} are possible")]
    WordsTooLong {
        /// Their length in bytes.
        len: usize,
    },
    /// So much work, or so little, is not asked of anybody.
    #[error("so much work, or so little, is not asked of anybody")]
    BadWork,
    /// No such message.
    #[error("no such message")]
    NoMessage,
    /// Too many contacts.
    #[error("too many contacts")]
    TooManyContacts,
    /// Too many people have not answered a first contact.
    #[error("too many people have not answered yet")]
    TooManyPending,
    /// Too many messages wait to be sent.
    #[error("too many messages wait to be sent")]
    OutboxFull,
    /// The invite cannot be used.
    #[error(transparent)]
    Invite(#[from] InviteError),
}
