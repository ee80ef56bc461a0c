//! Gates that a client opens by itself: work for registering at a home, and for a first contact; and the
//! operator's invite that a person brings.
//!
//! Work is done one puzzle at a time, in slices that the driver runs when nothing else is to be done.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use super::command::CommandError;
use super::io::{Job, Outcome};
use super::records::HomeRecord;
use super::view::Changed;
use super::{Cx, Peer};
use crate::base::clock::SetBack;
use crate::base::id::{EnvelopeId, NodeId};
use crate::base::sorted::SortedMap;
use crate::base::time::Timestamp;
use crate::gates::token::Token;
use crate::gates::work::{Puzzle, Task, WORK_BITS_MAX, Work};
use crate::gates::{Gates, Pass};

/// Numbers tried between two looks at the world: about 50 ms, which the driver cuts up further.
const SLICE: u32 = 1 << 16;

/// A home that is not content with work that was done is worked for again after this long: its clock
/// may be wrong, and then all work is in vain.
const WORK_AGAIN: Duration = Duration::from_secs(600);

/// What the work is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Home(NodeId),
    Entry(u64, EnvelopeId),
}

/// Work to be done; the first is under way.
#[derive(Default)]
pub struct Toil {
    goals: VecDeque<(Goal, Puzzle)>,
    token: u32,
    tried: u64,
    /// When work for a home was last begun.
    begun: SortedMap<NodeId, Timestamp>,
}

impl Toil {
    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        self.begun.values_mut().for_each(|at| back.past(at));
    }
}

impl Peer {
    /// A home of mine asks for something before it keeps a mailbox for me.
    pub(super) fn meet_gate(&mut self, cx: &mut Cx<'_>, node: NodeId, gates: Gates) {
        cx.changed(Changed::Network);
        // Nobody works for a mailbox at somebody else's home.
        let Some(account) = &self.account else { return };
        if account.homes.iter().all(|home| home.node != node) {
            return;
        }
        let me = account.persona.id();
        let lacks_token = gates.invite && self.token_of(&node).is_none();
        if gates.work_bits == 0 || gates.work_bits > WORK_BITS_MAX || lacks_token {
            return;
        }
        let begun = self.toil.begun.get(&node);
        if begun.is_some_and(|at| cx.now.since(*at) < WORK_AGAIN) {
            return;
        }
        self.toil.begun.insert(node, cx.now);
        let task = Task::Registration(node, me);
        let puzzle = Puzzle::new(task, gates.work_bits, cx.now);
        self.toil_for(cx, Goal::Home(node), puzzle);
    }

    /// Takes on a puzzle, unless it is one already.
    fn toil_for(&mut self, cx: &mut Cx<'_>, goal: Goal, puzzle: Puzzle) {
        if self.toil.goals.iter().any(|known| *known == (goal, puzzle)) {
            return;
        }
        self.toil.goals.push_back((goal, puzzle));
        if self.toil.goals.len() == 1 {
            self.next_slice(cx, 0);
        }
    }

    /// Takes on a puzzle for an entry of the outbox. One that is under way for it already is made harder if
    /// need be: numbers that did not solve it do not solve the harder one either.
    pub(super) fn toil_for_entry(
        &mut self,
        cx: &mut Cx<'_>,
        (order, id): (u64, EnvelopeId),
        puzzle: Puzzle,
    ) {
        let goal = Goal::Entry(order, id);
        let known = self.toil.goals.iter().position(|(known, _)| *known == goal);
        let Some(at) = known else {
            return self.toil_for(cx, goal, puzzle);
        };
        if let Some((_, known)) = self.toil.goals.get_mut(at)
            && known.bits() < puzzle.bits()
        {
            *known = known.harder(puzzle.bits());
            if at == 0 {
                self.next_slice(cx, self.toil.tried);
            }
        }
    }

    /// Whether an entry of the outbox is worked for, or will be.
    pub(super) fn toils_for(&self, order: u64) -> bool {
        let goals = self.toil.goals.iter();
        let mut entries = goals.map(|(goal, _)| matches!(goal, Goal::Entry(of, _) if *of == order));
        entries.any(|is_it| is_it)
    }

    fn next_slice(&mut self, cx: &mut Cx<'_>, from: u64) {
        let Some((_, puzzle)) = self.toil.goals.front() else {
            return;
        };
        self.toil.token = self.toil.token.wrapping_add(1);
        self.toil.tried = from;
        cx.out.job(Job::Work {
            token: self.toil.token,
            puzzle: *puzzle,
            from,
            tries: SLICE,
        });
    }

    /// A slice is done.
    pub(super) fn take_work(&mut self, cx: &mut Cx<'_>, token: u32, found: Option<Work>) {
        if token != self.toil.token {
            return;
        }
        let Some(work) = found else {
            let next = self.toil.tried.wrapping_add(u64::from(SLICE));
            return self.next_slice(cx, next);
        };
        match self.toil.goals.pop_front() {
            Some((Goal::Home(node), _)) => {
                let pass = Pass {
                    token: self.token_of(&node),
                    work: Some(work),
                };
                self.lines.show(cx, node, pass);
                cx.changed(Changed::Network);
            }
            Some((Goal::Entry(order, id), puzzle)) => {
                self.worked_for_entry(cx, (order, id), puzzle.bits(), work);
                self.pump = true;
            }
            None => {}
        }
        self.next_slice(cx, 0);
    }

    /// The invite of its operator that is shown at a home.
    pub(super) fn token_of(&self, node: &NodeId) -> Option<Token> {
        self.known_homes.get(node)?.token
    }

    /// What is shown at homes from the start: invites that were brought before.
    pub(super) fn show_tokens(&mut self, cx: &mut Cx<'_>) {
        let tokens = self.known_homes.iter();
        let tokens: Vec<_> = tokens
            .filter_map(|(node, known)| Some((*node, known.token?)))
            .collect();
        for (node, token) in tokens {
            let pass = Pass {
                token: Some(token),
                work: None,
            };
            self.lines.show(cx, node, pass);
        }
    }

    pub(super) fn bring_token(
        &mut self,
        cx: &mut Cx<'_>,
        node: NodeId,
        token: &str,
    ) -> Result<Outcome, CommandError> {
        let token = Token::from_text(token).map_err(|_| CommandError::BadToken)?;
        let homes = self
            .account
            .as_ref()
            .map(|account| account.homes.as_slice());
        let is_home = homes.is_some_and(|homes| homes.iter().any(|home| home.node == node));
        if !is_home {
            return Err(CommandError::BadToken);
        }
        let known = self
            .known_homes
            .get_or_insert_with(node, HomeRecord::default);
        if let Some(known) = known {
            known.token = Some(token);
        }
        self.keep_home(cx, &node);
        let pass = Pass {
            token: Some(token),
            work: None,
        };
        self.lines.show(cx, node, pass);
        Ok(Outcome::Done)
    }
}
