//! WebDriver commands by their path, for those that the client library does not name.

use anyhow::{Result, anyhow};
use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::Value;
use std::time::Duration;

/// How long a driver may take for one command. A browser that hangs must not hang the run.
const COMMAND_PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Raw {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        match &self.body {
            None => (http::Method::GET, None),
            Some(body) => (http::Method::POST, Some(body.to_string())),
        }
    }
}

/// GET `path` below the session.
///
/// # Errors
/// When the driver answers with an error, or not in time.
pub async fn get(client: &Client, path: &str) -> Result<Value> {
    issue(
        client,
        Raw {
            path: path.to_owned(),
            body: None,
        },
    )
    .await
}

/// POST `body` to `path` below the session.
///
/// # Errors
/// When the driver answers with an error, or not in time.
pub async fn post(client: &Client, path: &str, body: Value) -> Result<Value> {
    issue(
        client,
        Raw {
            path: path.to_owned(),
            body: Some(body),
        },
    )
    .await
}

async fn issue(client: &Client, command: Raw) -> Result<Value> {
    let path = command.path.clone();
    match tokio::time::timeout(COMMAND_PATIENCE, client.issue_cmd(command)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(anyhow!(
            "the driver did not answer {path} within {COMMAND_PATIENCE:?}"
        )),
    }
}
