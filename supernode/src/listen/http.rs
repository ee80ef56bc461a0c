//! Requests and responses.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName,
    HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use shared::base::id::NodeId;
use shared::direct::route::DirectRoute;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response as Reply;

use super::address::Sources;
use super::admission::Place;
use super::policy::Policy;
use super::websocket::accept_key;
use super::{document, site, websocket};
use crate::config::Config;
use crate::drive::Drive;
use crate::metrics::Metrics;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Answers requests.
pub struct Http {
    documents: BoxedFilter<(Reply,)>,
    policy: Policy,
    sources: Arc<Sources>,
    websocket: bool,
    drive: Drive,
    metrics: Arc<Metrics>,
}

impl Http {
    /// For a supernode with the key `node`, reached by `direct` routes as well.
    ///
    /// # Errors
    /// When a setting cannot be a header.
    pub fn new(
        node: NodeId,
        config: &Config,
        direct: &[DirectRoute],
        sources: Arc<Sources>,
        drive: Drive,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            documents: documents(node, config, direct, Arc::clone(&metrics)),
            websocket: config.websocket,
            policy: Policy::new(&config.frame_ancestors)?,
            sources,
            drive,
            metrics,
        })
    }

    /// Answers one request from `peer`. `place` is held as long as an upgraded connection lives.
    ///
    /// # Errors
    /// Never.
    pub async fn answer(
        &self,
        peer: IpAddr,
        request: Request<Incoming>,
        place: Arc<Place>,
    ) -> Result<Reply, Infallible> {
        self.metrics.requests.add(1);
        let mut response = if self.websocket && request.uri().path() == "/ws" {
            self.upgrade(peer, request, place)
        } else {
            TowerToHyperService::new(warp::service(self.documents.clone()))
                .call(request)
                .await?
        };
        self.policy.apply(response.headers_mut());
        Ok(response)
    }

    /// The source that a connection from `peer` counts for; `None` for a trusted proxy, which speaks
    /// for many.
    #[must_use]
    pub fn source(&self, peer: IpAddr) -> Option<u64> {
        (!self.sources.is_proxy(peer)).then(|| self.sources.number(peer, None))
    }

    fn upgrade(&self, peer: IpAddr, mut request: Request<Incoming>, place: Arc<Place>) -> Reply {
        let headers = request.headers();
        let key = headers
            .get(SEC_WEBSOCKET_KEY)
            .map(|key| accept_key(key.as_bytes()));
        let asked = names(headers, UPGRADE, "websocket") && names(headers, CONNECTION, "upgrade");
        let version = headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_some_and(|version| version == "13");
        let (Some(accept), Method::GET, true, true) =
            (key, request.method().clone(), asked, version)
        else {
            let mut response = text(
                StatusCode::UPGRADE_REQUIRED,
                "This is for WebSocket (RFC 6455) only.\n",
            );
            response
                .headers_mut()
                .insert(UPGRADE, HeaderValue::from_static("websocket"));
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            return response;
        };
        let forwarded_for = forwarded_for(headers);
        let source = self.sources.number(peer, forwarded_for.as_deref());
        let drive = self.drive.clone();
        tokio::spawn(websocket::serve(
            hyper::upgrade::on(&mut request),
            source,
            drive,
            place,
        ));
        let mut response = text(StatusCode::SWITCHING_PROTOCOLS, "");
        let headers = response.headers_mut();
        headers.clear();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Ok(accept) = HeaderValue::from_str(&accept) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        response
    }
}

/// All lines of the header as one: a proxy may add a line of its own behind what a client made up.
fn forwarded_for(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter();
    let lines: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// Whether the comma-separated header `name` holds `token`, in any case.
fn names(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}

fn documents(
    node: NodeId,
    config: &Config,
    direct: &[DirectRoute],
    metrics: Arc<Metrics>,
) -> BoxedFilter<(Reply,)> {
    let routes = document::routes(config, direct);
    let kith_json = document::kith_json(node, &routes);
    let well_known = document::well_known(node, config, &routes);
    let health = warp::path!("healthz").map(|| text(StatusCode::OK, "ok\n"));
    let metrics = warp::path!("metrics").map(move || {
        body(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            metrics.to_text(),
        )
    });
    let kith_json = warp::path!("kith.json").map(move || json(kith_json.clone()));
    let well_known = warp::path!(".well-known" / "kith").map(move || json(well_known.clone()));
    let site = warp::path::full().and(warp::header::headers_cloned()).map(
        |path: warp::path::FullPath, headers: HeaderMap| site::respond(path.as_str(), &headers),
    );
    let read = warp::method().and_then(|method: Method| async move {
        if matches!(method, Method::GET | Method::HEAD) {
            Ok(())
        } else {
            Err(warp::reject::reject())
        }
    });
    let all = health
        .or(metrics)
        .unify()
        .or(kith_json)
        .unify()
        .or(well_known)
        .unify()
        .or(site)
        .unify();
    read.untuple_one()
        .and(all)
        .or(warp::any().map(refuse_method))
        .unify()
        .boxed()
}

fn refuse_method() -> Reply {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD.\n");
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn json(text: String) -> Reply {
    let mut response = body(StatusCode::OK, "application/json", text);
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// A short text.
pub(super) fn text(status: StatusCode, text: &str) -> Reply {
    body(status, "text/plain; charset=utf-8", text.to_owned())
}

/// A body that is not to be kept.
pub(super) fn body(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(body.into().into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_made_up_does_not_hide_the_line_a_proxy_added() {
        let mut headers = HeaderMap::new();
        assert_eq!(forwarded_for(&headers), None);
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("198.51.100.7"));
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.9"));
        let forwarded_for = forwarded_for(&headers);
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let sources = Sources::new(vec![proxy]).unwrap();
        let client = sources.number("192.0.2.9".parse().unwrap(), None);
        assert_eq!(sources.number(proxy, forwarded_for.as_deref()), client);
    }
}
