//! A list of any length that draws only the rows near the eye, keeps its place while rows come and
//! go around it, and is walked with the arrow keys as one tab stop.
//!
//! The caller draws a row as one element with `data-row={index}`, `key={index's key}` and, on the
//! element that takes focus, `tabindex` `0` or `-1` as told. Scroll anchoring is done here, so the
//! style sheet turns the browser's off.

mod heights;

pub use heights::Key;

use crate::platform::{measure::SizeWatch, scroll};
use heights::Heights;
use std::{cell::Cell, ops::Range, rc::Rc};
use yew::prelude::*;

/// Drawn beyond what is seen, on each side, in CSS pixels.
const MARGIN_PX: f64 = 800.0;
/// New rows are drawn when less than this is left of the margin.
const MARGIN_LEFT_PX: f64 = 300.0;
/// So close to the end counts as being there.
const END_PX: f64 = 40.0;
/// Drawn before the first measurement.
const FIRST_ROWS: usize = 30;
/// At the end of a log, rows that came since may be drawn beyond what is needed before old ones go:
/// most new rows then change nothing but themselves.
const SPARE_ROWS: usize = 32;

/// A row to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Which.
    pub index: usize,
    /// It is the one that the Tab key reaches.
    pub tab_stop: bool,
}

/// Where the eye is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// First row seen.
    pub first: usize,
    /// How many rows there are.
    pub rows: usize,
    /// The end is seen.
    pub at_end: bool,
}

/// What a [`VirtualList`] is told.
#[derive(Properties, PartialEq)]
pub struct VirtualListProps {
    /// Class of the scrolling element.
    pub class: &'static str,
    /// A timeline: `role=log`, opens at its end and stays there. Else a list that opens at its top.
    #[prop_or_default]
    pub log: bool,
    /// Accessible name.
    pub label: AttrValue,
    /// The rows.
    pub keys: Rc<[Key]>,
    /// Height of a row before it was measured, in CSS pixels.
    pub guess: f32,
    /// Row to begin at; else the end of a log, the top of a list.
    #[prop_or_default]
    pub start: Option<usize>,
    /// Goes to the end whenever it changes.
    #[prop_or_default]
    pub jump: u32,
    /// Draws a row.
    pub row: Callback<Row, Html>,
    /// Told when the place changed.
    #[prop_or_default]
    pub onplace: Callback<Place>,
}

/// What happens to a [`VirtualList`].
pub enum Msg {
    /// The person or the list itself scrolled.
    Scrolled,
    /// The list or the window changed its size.
    Resized,
    /// A row got the focus.
    Focused(usize),
    /// A key was pressed in a row.
    Pressed(KeyboardEvent),
    /// More rows are to be drawn than were.
    Again,
}

/// A row, and where its top was seen.
#[derive(Clone, Copy)]
struct Anchor {
    key: Key,
    /// From the top of what is seen.
    below: f64,
}

/// See the module.
pub struct VirtualList {
    scroller: NodeRef,
    above: NodeRef,
    rows: NodeRef,
    below: NodeRef,
    heights: Heights,
    drawn: Range<usize>,
    /// How many rows were drawn when they were last chosen by what is seen.
    enough: usize,
    /// Heights of the fillers as they were last set.
    filled: Cell<[f64; 2]>,
    at_end: bool,
    anchor: Option<Anchor>,
    active: Option<Key>,
    focus_next: Option<usize>,
    told: Option<Place>,
    /// Rows were put into the document, and their heights not yet read: positions mean nothing.
    unsettled: Cell<bool>,
    watch: Option<SizeWatch>,
}

impl Component for VirtualList {
    type Message = Msg;
    type Properties = VirtualListProps;

    fn create(ctx: &Context<Self>) -> Self {
        let props = ctx.props();
        let mut heights = Heights::new(props.guess);
        heights.set_keys(&props.keys);
        let count = heights.len();
        let begin = match props.start {
            Some(start) => start.saturating_sub(FIRST_ROWS / 2),
            None if props.log => count.saturating_sub(FIRST_ROWS),
            None => 0,
        };
        let anchor = props
            .start
            .and_then(|row| heights.key(row))
            .map(|key| Anchor { key, below: 48.0 });
        Self {
            scroller: NodeRef::default(),
            above: NodeRef::default(),
            rows: NodeRef::default(),
            below: NodeRef::default(),
            drawn: begin..(begin + FIRST_ROWS).min(count),
            enough: FIRST_ROWS,
            filled: Cell::new([0.0; 2]),
            heights,
            at_end: props.log && anchor.is_none(),
            anchor,
            active: None,
            focus_next: None,
            told: None,
            unsettled: Cell::new(true),
            watch: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Self::Properties) -> bool {
        let props = ctx.props();
        let first = self.heights.key(self.drawn.start);
        self.heights.set_keys(&props.keys);
        if props.jump != old.jump {
            self.at_end = true;
        }
        let count = self.heights.len();
        if self.at_end && props.log {
            let begin = first
                .and_then(|key| self.heights.index_of(key))
                .filter(|begin| count - begin <= self.enough + SPARE_ROWS)
                .unwrap_or(count.saturating_sub(self.enough));
            self.drawn = begin..count;
        } else if let Some(index) = self.anchor.and_then(|a| self.heights.index_of(a.key)) {
            let top = self.heights.top(index);
            self.drawn = self.heights.rows_in(top - MARGIN_PX, 3.0 * MARGIN_PX);
        } else {
            self.drawn = self.drawn.start.min(count)..self.drawn.end.max(FIRST_ROWS).min(count);
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Again | Msg::Resized => true,
            Msg::Focused(index) => {
                self.active = self.heights.key(index);
                true
            }
            Msg::Pressed(event) => self.walk(&event),
            // `rendered` is about to look itself.
            Msg::Scrolled if self.unsettled.get() => false,
            Msg::Scrolled => {
                let Some(seen) = scroll::position(&self.scroller) else {
                    return false;
                };
                self.at_end = ctx.props().log && is_at_end(seen);
                self.set_anchor(seen.top);
                self.tell(ctx, seen.top);
                self.draw_around(seen, MARGIN_LEFT_PX)
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.unsettled.set(true);
        let props = ctx.props();
        let link = ctx.link();
        let active = self.active.and_then(|key| self.heights.index_of(key));
        let fallback = if props.log {
            self.drawn.end.saturating_sub(1)
        } else {
            self.drawn.start
        };
        let tab_stop = active
            .filter(|index| self.drawn.contains(index))
            .unwrap_or(fallback);
        let rows = self.drawn.clone().map(|index| {
            props.row.emit(Row {
                index,
                tab_stop: index == tab_stop,
            })
        });
        let onfocusin =
            link.batch_callback(|event: FocusEvent| scroll::row_of(&event).map(Msg::Focused));
        let rows = if props.log {
            html! { <div ref={self.rows.clone()} role="log" aria-live="off" aria-label={props.label.clone()} {onfocusin} onkeydown={link.callback(Msg::Pressed)}>{ for rows }</div> }
        } else {
            html! { <ul ref={self.rows.clone()} role="list" aria-label={props.label.clone()} {onfocusin} onkeydown={link.callback(Msg::Pressed)}>{ for rows }</ul> }
        };
        html! {
            <div ref={self.scroller.clone()} class={props.class} onscroll={link.callback(|_: Event| Msg::Scrolled)}>
                <div ref={self.above.clone()} class="filler" />
                { rows }
                <div ref={self.below.clone()} class="filler" />
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        self.unsettled.set(false);
        if first {
            self.watch = SizeWatch::new(&self.scroller, ctx.link().callback(|()| Msg::Resized));
        }
        self.heights.measure(&scroll::row_heights(&self.rows));
        self.fill();
        let Some(mut seen) = scroll::position(&self.scroller) else {
            return;
        };
        let wanted = self.wanted_top(ctx.props().log, seen);
        if (wanted - seen.top).abs() >= 1.0 {
            scroll::set_top(&self.scroller, wanted);
            seen.top = wanted;
        }
        // Without scrolling nothing else would tell that all of it is seen.
        self.at_end |= ctx.props().log && is_at_end(seen);
        if self.anchor.is_none() || self.at_end {
            self.set_anchor(seen.top);
        }
        if let Some(index) = self.focus_next.take_if(|index| self.drawn.contains(index)) {
            scroll::focus_row(&self.rows, index);
        }
        self.tell(ctx, seen.top);
        if self.draw_around(seen, 0.0) {
            ctx.link().send_message(Msg::Again);
        }
    }
}

fn is_at_end(seen: scroll::Position) -> bool {
    seen.content - seen.top - seen.seen < END_PX
}

impl VirtualList {
    /// Where the list should stand, given what it holds on to.
    fn wanted_top(&self, log: bool, seen: scroll::Position) -> f64 {
        let end = (seen.content - seen.seen).max(0.0);
        if log && self.at_end {
            return end;
        }
        let held = self.anchor.and_then(|anchor| {
            let index = self.heights.index_of(anchor.key)?;
            Some(self.heights.top(index) - anchor.below)
        });
        held.unwrap_or(seen.top).clamp(0.0, end)
    }

    /// Makes the fillers as high as what is not drawn. Setting them makes the browser lay out anew.
    fn fill(&self) {
        let above = self.heights.top(self.drawn.start);
        let below = self.heights.total() - self.heights.top(self.drawn.end);
        let [was_above, was_below] = self.filled.replace([above, below]);
        if above != was_above {
            scroll::set_height(&self.above, above);
        }
        if below != was_below {
            scroll::set_height(&self.below, below);
        }
    }

    fn set_anchor(&mut self, top: f64) {
        let index = self.heights.row_at(top);
        self.anchor = self.heights.key(index).map(|key| Anchor {
            key,
            below: self.heights.top(index) - top,
        });
    }

    /// Chooses the rows to draw, if those that are leave less than `margin` around what is seen;
    /// whether they changed.
    fn draw_around(&mut self, seen: scroll::Position, margin: f64) -> bool {
        let needed = self
            .heights
            .rows_in(seen.top - margin, seen.seen + 2.0 * margin);
        if self.drawn.start <= needed.start && needed.end <= self.drawn.end {
            return false;
        }
        self.drawn = self
            .heights
            .rows_in(seen.top - MARGIN_PX, seen.seen + 2.0 * MARGIN_PX);
        self.enough = self.drawn.len().max(FIRST_ROWS);
        true
    }

    fn tell(&mut self, ctx: &Context<Self>, top: f64) {
        let place = Place {
            first: self.heights.row_at(top),
            rows: self.heights.len(),
            at_end: self.at_end,
        };
        if self.told != Some(place) {
            self.told = Some(place);
            ctx.props().onplace.emit(place);
        }
    }

    /// Moves the focus by a key; whether rows must be drawn for it.
    fn walk(&mut self, event: &KeyboardEvent) -> bool {
        let last = self.heights.len().saturating_sub(1);
        let at = self
            .active
            .and_then(|key| self.heights.index_of(key))
            .unwrap_or(last);
        let to = match event.key().as_str() {
            "ArrowUp" => at.saturating_sub(1),
            "ArrowDown" => (at + 1).min(last),
            "Home" => 0,
            "End" => last,
            _ => return false,
        };
        event.prevent_default();
        if scroll::focus_row(&self.rows, to) {
            return false;
        }
        self.at_end = false;
        self.anchor = self.heights.key(to).map(|key| Anchor { key, below: 48.0 });
        let top = self.heights.top(to);
        self.drawn = self.heights.rows_in(top - MARGIN_PX, 3.0 * MARGIN_PX);
        self.focus_next = Some(to);
        true
    }
}
