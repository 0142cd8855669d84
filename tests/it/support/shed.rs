//! A request that a service with room for one refuses.

use super::app::PATIENCE;
use super::client::Client;
use super::eventually::eventually;

/// Holds one request open and asks `path` until that is refused as one too many. Each try holds another
/// one: it may itself have been one too many beside the question before.
pub(crate) async fn shed_one(client: &Client, path: &str) {
    let head = "POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 9\r\n\r\n";
    let asked = async || {
        let _held = client.open(head.as_bytes()).await;
        (client.get(path).await.status == 503).then_some(())
    };
    eventually(PATIENCE, "a request is shed", asked).await;
    let asked = async || (client.get(path).await.status == 200).then_some(());
    eventually(PATIENCE, "there is room again", asked).await;
}
