//! The routes of one supernode, side by side: the one that worked last begins, each other follows a
//! little later or when one has failed, and the first over which the supernode proves its key is kept.

use super::{Line, Lines, Problem, State};
use crate::base::clock::SetBack;
use crate::base::effects::LinkId;
use crate::base::id::NodeId;
use crate::base::time::Timestamp;
use crate::invite::Home;
use crate::peer::Cx;
use crate::peer::io::{Target, Trouble};
use crate::peer::view::{RouteProblem, RouteView};
use crate::session::client::{ClientSession, Role};
use crate::session::route::{Route, Scheme};
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

/// By how much one route is ahead of the next: a good one is open by then (RFC 8305 §5 recommends as much for addresses).
pub const HEAD_START: Duration = Duration::from_millis(250);

/// One route that is being tried.
#[derive(Debug)]
struct Attempt {
    link: LinkId,
    route: Route,
    /// Once its carrier is open.
    session: Option<Box<ClientSession>>,
    /// What the browser says is wrong with it.
    trouble: Option<Trouble>,
}

/// Routes that are being tried.
#[derive(Debug)]
pub struct Race {
    attempts: Vec<Attempt>,
    /// In the order in which they will be, the next one last.
    untried: Vec<Route>,
    /// Which have failed.
    failed: Vec<Route>,
    /// When the next one is.
    next_at: Timestamp,
    /// How long to wait at least when all have failed.
    pause: Duration,
}

impl Race {
    /// The carrier of one is open.
    pub fn up(&mut self, link: LinkId, session: ClientSession) {
        if let Some(attempt) = self.attempts.iter_mut().find(|it| it.link == link) {
            attempt.session = Some(Box::new(session));
        }
    }

    /// The session on this link.
    pub fn session(&mut self, link: LinkId) -> Option<&mut Box<ClientSession>> {
        let mut attempts = self.attempts.iter_mut();
        attempts.find(|it| it.link == link)?.session.as_mut()
    }

    /// One has failed.
    fn lose(&mut self, link: LinkId) -> Option<Attempt> {
        let at = self.attempts.iter().position(|it| it.link == link)?;
        let lost = self.attempts.remove(at);
        self.failed.push(lost.route.clone());
        Some(lost)
    }

    /// Whether all have failed.
    pub fn is_lost(&self) -> bool {
        self.attempts.is_empty() && self.untried.is_empty()
    }

    /// Notes how long one asked to be left alone, and says how long any did.
    pub fn pause_at_least(&mut self, pause: Duration) -> Duration {
        self.pause = self.pause.max(pause);
        self.pause
    }

    /// Whether the next one is to be tried.
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.untried.is_empty() && self.next_at <= now
    }

    /// Time has passed: links that took too long, and what others have to say.
    pub fn tick(&mut self, now: Timestamp) -> (Vec<LinkId>, Vec<(LinkId, Vec<u8>)>) {
        let (mut late, mut out) = (Vec::new(), Vec::new());
        for attempt in &mut self.attempts {
            let mut frames = Vec::new();
            let session = attempt.session.as_mut();
            if session.is_some_and(|session| session.tick(now, &mut frames).is_err()) {
                late.push(attempt.link);
            }
            out.extend(frames.into_iter().map(|frame| (attempt.link, frame)));
        }
        (late, out)
    }

    /// When time matters next.
    pub fn deadline(&self) -> Option<Timestamp> {
        let next = (!self.untried.is_empty()).then_some(self.next_at);
        let sessions = self.attempts.iter().filter_map(|it| it.session.as_ref());
        let sessions = sessions.map(|session| session.deadline());
        sessions.chain(next).min()
    }

    /// The clock was set back.
    pub fn set_back(&mut self, back: &SetBack) {
        back.due(&mut self.next_at);
        let sessions = self
            .attempts
            .iter_mut()
            .filter_map(|it| it.session.as_mut());
        sessions.for_each(|session| session.set_back(back));
    }
}

impl Line {
    /// These are its routes from now on.
    pub fn set_routes(&mut self, routes: &[Route]) {
        if self.routes == routes {
            return;
        }
        let good = self.good_route.and_then(|at| self.routes.get(at));
        self.good_route = good.and_then(|good| routes.iter().position(|route| route == good));
        self.routes = routes.to_vec();
        self.problems = Vec::from_iter(routes.iter().map(|_| None));
    }

    /// A route that was being tried has failed.
    pub fn lose(&mut self, link: LinkId, problem: Problem) {
        let State::Trying(race) = &mut self.state else {
            return;
        };
        if let Some(lost) = race.lose(link)
            && let Some(of_route) = self.place_of(&lost.route)
            && let Some(of_route) = self.problems.get_mut(of_route)
        {
            *of_route = Some(match (problem, lost.trouble) {
                (Problem::WrongKey, _) => RouteProblem::WrongKey,
                (_, Some(trouble)) => RouteProblem::Trouble(trouble),
                _ => RouteProblem::Refused,
            });
        }
    }

    /// Which of its routes this is: they may have become others since it was dialled.
    fn place_of(&self, route: &Route) -> Option<usize> {
        self.routes.iter().position(|known| known == route)
    }

    /// The links it has or tries.
    pub fn links(&self) -> Vec<LinkId> {
        match &self.state {
            State::Trying(race) => race.attempts.iter().map(|it| it.link).collect(),
            State::Open(link, _) => Vec::from([*link]),
            State::Idle | State::Pausing(_) => Vec::new(),
        }
    }

    /// Its routes that this version can dial, the next one last.
    fn order(&self) -> Vec<Route> {
        let known =
            |(at, route): (usize, &Route)| (route.scheme() != Scheme::Unknown).then_some(at);
        let mut order: Vec<_> = self.routes.iter().enumerate().filter_map(known).collect();
        order.sort_by_key(|at| (Some(*at) == self.good_route, core::cmp::Reverse(*at)));
        let routes = order.into_iter().filter_map(|at| self.routes.get(at));
        routes.cloned().collect()
    }
}

impl Lines {
    /// Begins to try the routes of a line.
    pub(super) fn dial(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        let untried = line.order();
        if untried.is_empty() {
            line.problem = Some(Problem::Incompatible);
            line.state = State::Pausing(cx.now.after(super::PAUSE_MAX));
            return;
        }
        line.state = State::Trying(Race {
            attempts: Vec::new(),
            untried,
            failed: Vec::new(),
            next_at: cx.now,
            pause: Duration::ZERO,
        });
        self.try_next(cx, key);
    }

    /// Tries the next route of a line, if there is one.
    pub(super) fn try_next(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role)) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        let State::Trying(race) = &mut line.state else {
            return;
        };
        let Some(route) = race.untried.pop() else {
            return;
        };
        let link = cx.new_link();
        race.next_at = cx.now.after(HEAD_START);
        race.attempts.push(Attempt {
            link,
            route: route.clone(),
            session: None,
            trouble: None,
        });
        self.by_link.insert(link, key);
        cx.out.dial(link, Target::Supernode { route });
    }

    /// A supernode has proved its key on a link: that one is kept, and the others are given up.
    pub(super) fn win(&mut self, cx: &mut Cx<'_>, key: (NodeId, Role), link: LinkId) {
        let Some(line) = self.lines.get_mut(&key) else {
            return;
        };
        let State::Trying(race) = &mut line.state else {
            return;
        };
        let attempts = core::mem::take(&mut race.attempts);
        let failed = core::mem::take(&mut race.failed);
        let (won, lost): (Vec<_>, Vec<_>) = attempts.into_iter().partition(|it| it.link == link);
        for attempt in lost {
            cx.out.hang_up(attempt.link);
            self.by_link.remove(&attempt.link);
        }
        for attempt in won {
            line.good_route = line.place_of(&attempt.route);
            // What was wrong before may not be any more.
            for (route, problem) in line.routes.iter().zip(&mut line.problems) {
                problem.take_if(|_| !failed.contains(route) || *route == attempt.route);
            }
            if let Some(session) = attempt.session {
                line.state = State::Open(link, session);
            }
        }
    }

    /// What the browser says of a link that it is about to give up.
    pub fn note_trouble(&mut self, link: LinkId, trouble: Trouble) {
        let line = self
            .by_link
            .get(&link)
            .and_then(|key| self.lines.get_mut(key));
        if let Some(line) = line
            && let State::Trying(race) = &mut line.state
            && let Some(attempt) = race.attempts.iter_mut().find(|it| it.link == link)
        {
            attempt.trouble = Some(trouble);
        }
    }

    /// The routes of a home of mine, and how each is doing.
    pub fn routes(&self, home: &Home) -> Vec<RouteView> {
        let line = self.lines.get(&(home.node, Role::Home));
        let is_open = line.is_some_and(|line| matches!(line.state, State::Open(..)));
        let view = |(at, route): (usize, &Route)| RouteView {
            text: route.as_str().to_string(),
            host: route.host().to_string(),
            is_direct: route.scheme() == Scheme::Direct,
            in_use: is_open && line.is_some_and(|line| line.good_route == Some(at)),
            problem: line.and_then(|line| line.problems.get(at).copied().flatten()),
        };
        home.routes.iter().enumerate().map(view).collect()
    }
}
