//! `kith.json`, beside the page: the supernodes that whoever put the page there suggests.
//!
//! ```json
//! { "supernodes": [
//!     "https://kith.example/",
//!     { "key": "<z-base-32>", "routes": ["ws", "wss://other.example/ws"] } ] }
//! ```
//! An address stands for what the supernode there says of itself in `.well-known/kith`. A route
//! without a scheme is relative to the document that names it. What is not understood is skipped;
//! no file, or a broken one, is an empty list, for a page still reaches the supernodes it knows.

use js_sys::{Array, JSON, JsString, Promise, Reflect};
use shared::base::id::NodeId;
use shared::base::limits::{HOMES_MAX, ROUTES_MAX};
use shared::session::route::Route;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response, Url};

const FILE: &str = "kith.json";
const WELL_KNOWN: &str = ".well-known/kith";
/// Characters of a document that are read at most.
const DOCUMENT_CHARS_MAX: u32 = 64 * 1024;
/// How long one document may take.
const FETCH_TIMEOUT_MS: u32 = 2500;

/// Supernodes with their routes, in order of preference.
pub type Supernodes = Vec<(NodeId, Vec<Route>)>;

/// A document that is being fetched.
struct Fetching {
    url: String,
    response: Promise,
}

/// An entry of the list.
enum Entry {
    Known((NodeId, Vec<Route>)),
    Address(Fetching),
}

/// Fetches and reads the file, and what the supernodes named by address say.
pub async fn supernodes() -> Supernodes {
    let mut found = Supernodes::new();
    let Some(file) = page_address().and_then(|base| fetch(FILE, &base)) else {
        return found;
    };
    let Some((list, base)) = file.read().await else {
        return found;
    };
    // All are asked at once.
    let entries: Vec<Entry> = array(&list, "supernodes")
        .iter()
        .flat_map(Array::iter)
        .filter_map(|entry| read_entry(&entry, &base))
        .take(HOMES_MAX)
        .collect();
    for entry in entries {
        let supernode = match entry {
            Entry::Known(supernode) => Some(supernode),
            Entry::Address(fetching) => fetching
                .read()
                .await
                .and_then(|(document, base)| supernode(&document, &base)),
        };
        found.extend(supernode.filter(|(key, _)| found.iter().all(|(other, _)| other != key)));
    }
    found
}

fn page_address() -> Option<String> {
    web_sys::window()?.document()?.base_uri().ok()?
}

fn fetch(document: &str, base: &str) -> Option<Fetching> {
    let url = Url::new_with_base(document, base).ok()?.href();
    let options = RequestInit::new();
    options.set_signal(Some(&AbortSignal::timeout_with_u32(FETCH_TIMEOUT_MS)));
    let response = web_sys::window()?.fetch_with_str_and_init(&url, &options);
    Some(Fetching { url, response })
}

impl Fetching {
    /// The document, and its address.
    async fn read(self) -> Option<(JsValue, String)> {
        let response: Response = JsFuture::from(self.response).await.ok()?.dyn_into().ok()?;
        if !response.ok() {
            return None;
        }
        let text: JsString = JsFuture::from(response.text().ok()?)
            .await
            .ok()?
            .dyn_into()
            .ok()?;
        if text.length() > DOCUMENT_CHARS_MAX {
            return None;
        }
        Some((JSON::parse(&String::from(text)).ok()?, self.url))
    }
}

fn read_entry(entry: &JsValue, base: &str) -> Option<Entry> {
    match entry.as_string() {
        Some(address) => {
            let address = Url::new_with_base(&address, base).ok()?.href();
            fetch(WELL_KNOWN, &address).map(Entry::Address)
        }
        None => supernode(entry, base).map(Entry::Known),
    }
}

fn supernode(described: &JsValue, base: &str) -> Option<(NodeId, Vec<Route>)> {
    let key = get(described, "key")?.as_string()?;
    let key = NodeId::from_text(&key).ok()?;
    // A well-known document stands in a folder of its own; its routes begin at the root.
    let base = base.strip_suffix(WELL_KNOWN).unwrap_or(base);
    let routes: Vec<Route> = array(described, "routes")?
        .iter()
        .filter_map(|route| absolute(&route.as_string()?, base))
        .take(ROUTES_MAX)
        .collect();
    (!routes.is_empty()).then_some((key, routes))
}

fn absolute(route: &str, base: &str) -> Option<Route> {
    if let Ok(route) = Route::parse(route) {
        return Some(route);
    }
    let url = Url::new_with_base(route, base).ok()?.href();
    let url = url.strip_prefix("http").map(|rest| format!("ws{rest}"))?;
    Route::parse(&url).ok()
}

fn array(value: &JsValue, key: &str) -> Option<Array> {
    get(value, key)?.dyn_into().ok()
}

fn get(value: &JsValue, key: &str) -> Option<JsValue> {
    if value.is_object() {
        Reflect::get(value, &key.into()).ok()
    } else {
        None
    }
}
