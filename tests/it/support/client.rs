//! A small HTTP/1.1 client that sends what it is told.
//!
//! Shape: one connection a request, so that no test depends on another's keep-alive. The path
//! goes out as written, not normalised. Turned down: a full client crate (it normalises, follows
//! redirects, pools) and raw sockets everywhere (they are here for half requests).

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any answer takes on a busy machine; a test that needs it has hung.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);

/// Speaks to one address.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    /// Sent with every request.
    key: Option<String>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status line's number.
    pub(crate) status: u16,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The body, read to its end.
    pub(crate) body: Bytes,
}

impl Client {
    /// Nothing is connected yet.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, key: None }
    }

    /// One that sends this key.
    pub(crate) fn with_key(mut self, key: &str) -> Self {
        self.key = Some(format!("Bearer {key}"));
        self
    }

    /// Where it speaks to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `GET`, without headers or body.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], Bytes::new()).await
    }

    /// `POST` of a JSON value as `application/json`.
    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post(path, "application/json", body.to_string()).await
    }

    /// `POST` of any bytes under any content type.
    pub(crate) async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        self.request("POST", path, &[("content-type", content_type)], body)
            .await
    }

    /// Any request; panics if no whole answer comes.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let answer = self.try_request(method, path, headers, body.into()).await;
        answer.unwrap_or_else(|fault| panic!("{method} {path} got no answer: {fault}"))
    }

    /// Any request; the error says why there is no whole answer: refused, cut, too late.
    pub(crate) async fn try_request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, String> {
        let exchange = self.exchange(method, path, headers, body);
        let answer = tokio::time::timeout(LONGEST_ANSWER, exchange).await;
        answer
            .map_err(|_| format!("nothing within {LONGEST_ANSWER:?}"))?
            .map_err(|e| e.to_string())
    }

    async fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = Request::builder()
            .method(method.parse::<Method>()?)
            .uri(path);
        request = request.header("host", self.address.to_string());
        let key = self.key.iter().map(|key| ("authorization", key.as_str()));
        for (name, value) in headers.iter().copied().chain(key) {
            request = request.header(name, value);
        }
        let stream = TokioIo::new(TcpStream::connect(self.address).await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        connection.abort();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// A connection with `bytes` written to it and left open.
    pub(crate) async fn open(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connect");
        stream.write_all(bytes).await.expect("write");
        stream
    }

    /// Writes `bytes`, which need be no whole request, and reads until the other side closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.open(bytes).await;
        let mut answer = Vec::new();
        // A reset ends the answer too: what came before it counts.
        let read = tokio::time::timeout(LONGEST_ANSWER, stream.read_to_end(&mut answer)).await;
        assert!(
            read.is_ok(),
            "the connection was still open after {LONGEST_ANSWER:?}"
        );
        answer
    }
}

impl Answer {
    /// A header's text, if it is there once or more.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a header is ASCII"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|fault| panic!("no JSON ({fault}) in {}: {:?}", self.status, self.body))
    }

    /// Asserts the one error form under `code`, and gives the problem for what is left to say.
    pub(crate) fn problem(&self, code: &str) -> Value {
        self.problem_as("application/problem+json", code)
    }

    /// Asserts the form of the Open Inference Protocol: the same, with a line of its own.
    pub(crate) fn open_inference_problem(&self, code: &str) -> Value {
        let problem = self.problem_as("application/json", code);
        let line = problem["error"].as_str().unwrap_or_default();
        let detail = problem["detail"].as_str().unwrap();
        assert!(line.starts_with(detail), "{problem}");
        problem
    }

    /// Asserts the error form that is spoken at `path`.
    pub(crate) fn problem_at(&self, path: &str, code: &str) -> Value {
        match path == "/v2" || path.starts_with("/v2/") {
            true => self.open_inference_problem(code),
            false => self.problem(code),
        }
    }

    fn problem_as(&self, media: &str, code: &str) -> Value {
        let said = format!("{} {:?}", self.status, String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some(media), "{said}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{said}");
        assert_eq!(problem["code"], code, "{said}");
        assert_eq!(problem["type"], format!("/errors/{code}"), "{said}");
        for member in ["title", "detail", "request_id"] {
            let text = problem[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{member} is missing: {said}");
        }
        assert_eq!(
            self.header("x-request-id"),
            problem["request_id"].as_str(),
            "{said}"
        );
        let trace = problem["trace_id"].as_str().unwrap_or_default();
        let is_hex = trace.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(trace.len() == 32 && is_hex, "no trace_id: {said}");
        problem
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that reads one head, answers `answer` and closes; gives what it read.
    async fn answering(answer: String) -> (Client, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(listener.local_addr().unwrap());
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 4096];
            let length = stream.read(&mut read).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(read[..length].to_vec()).unwrap()
        });
        (client, served)
    }

    fn problem(content_type: &str, id: &str) -> String {
        let body = serde_json::json!({"type": "/errors/not_found", "title": "Not found",
            "status": 404, "code": "not_found", "detail": "no such page", "request_id": "7",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"});
        let body = body.to_string();
        let length = body.len();
        format!(
            "HTTP/1.1 404 Not Found\r\ncontent-type: {content_type}\r\nx-request-id: {id}\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
    }

    #[tokio::test]
    async fn a_path_goes_out_as_written() {
        let (client, served) = answering("HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
        let answer = client.get("/a/../b//%2e?x=%41&y").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert!(
            served
                .await
                .unwrap()
                .starts_with("GET /a/../b//%2e?x=%41&y HTTP/1.1\r\n")
        );
    }

    #[tokio::test]
    async fn a_body_goes_out_under_its_content_type() {
        let (client, served) = answering("HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
        client.post_json("/a", &serde_json::json!({"b": 0.1})).await;
        let sent = served.await.unwrap();
        assert!(sent.starts_with("POST /a HTTP/1.1\r\nhost: 127.0.0.1:"));
        assert!(sent.contains("\r\ncontent-type: application/json\r\n"));
        assert!(sent.ends_with("\r\n\r\n{\"b\":0.1}"));
    }

    #[tokio::test]
    async fn a_problem_is_recognised() {
        let (client, _) = answering(problem("application/problem+json", "7")).await;
        let answer = client.get("/").await;
        assert_eq!(answer.problem("not_found")["detail"], "no such page");
        assert!(answer.text().starts_with('{'));
    }

    #[tokio::test]
    #[should_panic(expected = "application/json")]
    async fn another_content_type_is_no_problem() {
        let (client, _) = answering(problem("application/json", "7")).await;
        client.get("/").await.problem("not_found");
    }

    #[tokio::test]
    #[should_panic(expected = "no such page")]
    async fn another_request_id_is_no_problem() {
        let (client, _) = answering(problem("application/problem+json", "8")).await;
        client.get("/").await.problem("not_found");
    }

    #[tokio::test]
    async fn half_a_request_is_sent_as_it_is() {
        let (client, served) = answering("HTTP/1.1 408 Request Timeout\r\n\r\n".to_owned()).await;
        assert!(client.address().ip().is_loopback());
        assert!(client.raw(b"GET / HT").await.starts_with(b"HTTP/1.1 408"));
        assert_eq!(served.await.unwrap(), "GET / HT");
    }

    #[tokio::test]
    async fn a_refused_connection_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(listener.local_addr().unwrap());
        drop(listener);
        assert!(
            client
                .try_request("GET", "/", &[], Bytes::new())
                .await
                .is_err()
        );
    }
}
