//! Waits until the SSH server answers.
//!
//! A connection alone proves nothing, because the engine's proxy accepts before sshd listens. Only the banner does.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause between two attempts; sshd answers within about 20 ms of the container's start.
const POLL: Duration = Duration::from_millis(5);

/// The time limit for one attempt. A proxy without a server closes the connection at once, and a server under load is
/// slow. Short attempts would fill such a server's limit of connections and keep everybody out.
const TRY: Duration = Duration::from_secs(15);

/// Waits for the banner until `deadline`; the error contains the failure of the last attempt.
pub async fn wait_for_banner(address: IpAddr, port: u16, deadline: Instant) -> Result<(), String> {
    let address = SocketAddr::new(address, port);
    let mut last = None;
    loop {
        let limit = deadline.min(Instant::now() + TRY);
        match timeout_at(limit, read_banner(address)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(reason)) => last = Some(reason),
            // An attempt that the deadline cuts short says less than the one before it.
            Err(_) => {}
        }
        if Instant::now() + POLL >= deadline {
            return Err(last.unwrap_or_else(|| "it took the connection and said nothing".to_owned()));
        }
        sleep(POLL).await;
    }
}

async fn read_banner(address: SocketAddr) -> Result<(), String> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let mut greeting = [0; 4];
    stream.read_exact(&mut greeting).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "the connection was closed before a greeting".to_owned(),
        _ => error.to_string(),
    })?;
    if &greeting == b"SSH-" { Ok(()) } else { Err("something else than an SSH server answers".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(300)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_proxy_that_hangs_up_is_not_yet_a_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = async {
            drop(listener.accept().await.unwrap());
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        };
        let (found, ()) = tokio::join!(wait_for_banner(address.ip(), address.port(), Instant::now() + TRY), server);
        assert_eq!(found, Ok(()));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn another_server_is_told_apart() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n").await.unwrap();
            }
        };
        let found = tokio::select! {
            found = wait_for_banner(address.ip(), address.port(), soon()) => found,
            () = server => unreachable!("the server never ends"),
        };
        assert_eq!(found, Err("something else than an SSH server answers".to_owned()));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(wait_for_banner(address.ip(), address.port(), soon()).await.unwrap_err().contains("refused"));
    }
}
