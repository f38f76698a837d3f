//! An own connection to the engine that is upgraded from HTTP to a plain byte stream.
//!
//! `BuildKit`'s `/grpc` needs it, and so do the streams of an exec: `bollard` misreads them on a terminal, because it
//! takes a chunk that begins with a control byte for a frame.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::engine::endpoint::Address;

/// The reason why no byte stream was opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum HijackError {
    /// The connection failed or broke.
    #[error("no pipe to the engine")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The engine gave another answer.
    #[error("{text}")]
    Refused { status: u16, text: String },
}

/// Sends `POST path` with `Upgrade: protocol` and takes over the connection.
pub(super) async fn open_stream(
    address: &Address,
    path: &str,
    protocol: &'static str,
    body: Vec<u8>,
) -> Result<Upgraded, HijackError> {
    match address {
        Address::Unix(socket) => {
            upgrade_connection(UnixStream::connect(socket).await.map_err(boxed)?, path, protocol, body).await
        }
        Address::Tcp(host) => {
            upgrade_connection(TcpStream::connect(host).await.map_err(boxed)?, path, protocol, body).await
        }
    }
}

async fn upgrade_connection<S>(
    stream: S,
    path: &str,
    protocol: &'static str,
    body: Vec<u8>,
) -> Result<Upgraded, HijackError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(boxed)?;
    // The task ends with the stream: dropping either side closes the other.
    tokio::spawn(connection.with_upgrades());
    let request = Request::post(path)
        .header("Host", "docker")
        .header("Content-Type", "application/json")
        .header("Connection", "Upgrade")
        .header("Upgrade", protocol)
        .body(Full::new(Bytes::from(body)))
        .map_err(boxed)?;
    let response = sender.send_request(request).await.map_err(boxed)?;
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let body = response.into_body().collect().await.map_err(boxed)?.to_bytes();
        return Err(HijackError::Refused { status: status.as_u16(), text: read_message(&body) });
    }
    hyper::upgrade::on(response).await.map_err(boxed)
}

/// Returns the message in `{"message":"…"}`, or the body as it is.
fn read_message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct ErrorBody {
        message: String,
    }
    serde_json::from_slice::<ErrorBody>(body)
        .map_or_else(|_| String::from_utf8_lossy(body).trim().to_owned(), |refusal| refusal.message)
}

fn boxed(error: impl std::error::Error + Send + Sync + 'static) -> HijackError {
    HijackError::Transport(Box::new(error))
}
