//! Perfect negotiation (W3C WebRTC 1.0 §10.7), one step at a time: a step that awaits the browser
//! is over before the next begins, so offers that cross are seen by the signalling state alone.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use js_sys::Reflect;
use shared::signalling::wire::RtcSignal;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    RtcIceCandidateInit, RtcPeerConnection, RtcSdpType, RtcSessionDescriptionInit,
    RtcSignalingState,
};

/// Steps that may wait while the browser works on one.
const STEPS_MAX: usize = 128;
/// Candidates that may wait for the description they belong to.
const EARLY_CANDIDATES_MAX: usize = 64;

/// One step.
pub enum Step {
    /// This side wants to make an offer.
    Offer,
    /// The other side says something.
    Remote(RtcSignal),
}

/// The state of one negotiation.
pub struct Negotiation {
    polite: bool,
    steps: RefCell<VecDeque<Step>>,
    stepping: Cell<bool>,
    described: Cell<bool>,
    /// The last offer was ignored, so its candidates are nobody's.
    ignoring: Cell<bool>,
    early: RefCell<Vec<RtcIceCandidateInit>>,
}

impl Negotiation {
    /// A negotiation at its beginning.
    pub fn new(polite: bool) -> Self {
        Self {
            polite,
            steps: RefCell::default(),
            stepping: Cell::default(),
            described: Cell::default(),
            ignoring: Cell::default(),
            early: RefCell::default(),
        }
    }

    /// Queues a step. Says whether [`Self::step`] is to be called now, until it gives nothing more.
    pub fn push(&self, step: Step) -> bool {
        // The polite side waits for the first offer.
        if matches!(step, Step::Offer) && self.polite && !self.described.get() {
            return false;
        }
        let mut steps = self.steps.borrow_mut();
        if steps.len() < STEPS_MAX {
            steps.push_back(step);
        }
        !self.stepping.replace(true)
    }

    /// Takes the next step, if there is one. What it gives is for the other side.
    pub async fn step(&self, connection: &RtcPeerConnection) -> Option<Option<RtcSignal>> {
        let step = self.steps.borrow_mut().pop_front();
        let Some(step) = step else {
            self.stepping.set(false);
            return None;
        };
        // A step fails when the connection was closed or the other side talks nonsense. Either way
        // the channel does not open, which is noticed there.
        Some(self.take(connection, step).await.unwrap_or_default())
    }

    async fn take(
        &self,
        connection: &RtcPeerConnection,
        step: Step,
    ) -> Result<Option<RtcSignal>, JsValue> {
        let state = connection.signaling_state();
        match step {
            Step::Offer if state == RtcSignalingState::Stable => {
                let offer = JsFuture::from(connection.create_offer()).await?;
                set_local(connection, &offer).await?;
                Ok(local(connection).map(RtcSignal::Offer))
            }
            Step::Offer => Ok(None),
            Step::Remote(RtcSignal::Offer(sdp)) => {
                let collides = state != RtcSignalingState::Stable;
                self.ignoring.set(collides && !self.polite);
                if self.ignoring.get() {
                    return Ok(None);
                }
                // On a collision this rolls our own offer back.
                self.set_remote(connection, RtcSdpType::Offer, &sdp).await?;
                let answer = JsFuture::from(connection.create_answer()).await?;
                set_local(connection, &answer).await?;
                Ok(local(connection).map(RtcSignal::Answer))
            }
            Step::Remote(RtcSignal::Answer(sdp)) => {
                if state == RtcSignalingState::HaveLocalOffer {
                    self.set_remote(connection, RtcSdpType::Answer, &sdp)
                        .await?;
                }
                Ok(None)
            }
            Step::Remote(RtcSignal::Candidate {
                candidate,
                mid,
                line,
            }) => {
                let init = RtcIceCandidateInit::new(&candidate);
                init.set_sdp_mid(mid.as_deref());
                init.set_sdp_m_line_index(line);
                if self.ignoring.get() {
                    return Ok(None);
                }
                if self.described.get() {
                    add(connection, &init).await?;
                } else if self.early.borrow().len() < EARLY_CANDIDATES_MAX {
                    self.early.borrow_mut().push(init);
                }
                Ok(None)
            }
        }
    }

    async fn set_remote(
        &self,
        connection: &RtcPeerConnection,
        kind: RtcSdpType,
        sdp: &str,
    ) -> Result<(), JsValue> {
        let init = RtcSessionDescriptionInit::new(kind);
        init.set_sdp(sdp);
        JsFuture::from(connection.set_remote_description(&init)).await?;
        self.described.set(true);
        for init in self.early.take() {
            // A candidate of another attempt; the others may still do.
            let _ = add(connection, &init).await;
        }
        Ok(())
    }
}

async fn set_local(connection: &RtcPeerConnection, made: &JsValue) -> Result<(), JsValue> {
    JsFuture::from(connection.set_local_description(made.unchecked_ref()))
        .await
        .map(drop)
}

async fn add(connection: &RtcPeerConnection, init: &RtcIceCandidateInit) -> Result<(), JsValue> {
    let added = connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(init));
    JsFuture::from(added).await.map(drop)
}

fn local(connection: &RtcPeerConnection) -> Option<String> {
    Some(connection.local_description()?.sdp())
}

/// Asks for new candidates on both sides (RFC 8445 §2.4); the browser then wants to make an offer.
pub fn restart_ice(connection: &RtcPeerConnection) {
    // Not in `web-sys`.
    let restart = Reflect::get(connection, &"restartIce".into());
    if let Some(restart) = restart
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
    {
        let _ = restart.call0(connection);
    }
}
