//! Connections: accepted, bounded in time, finished before the process ends. Own loop instead of `axum::serve`, which
//! has no time limit for a client that dribbles its headers.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::Service;

use super::router;
use crate::app::Shared;

/// A client that has not sent its headers by then is cut off, without a word in the log. Also the longest pause
/// between two requests of a connection that is kept open.
const HEADERS_WITHIN: Duration = Duration::from_secs(75);
/// The pause after the machine refused a connection (no more files).
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Serves the product until `stop` ends, then lets requests in flight finish.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: TcpListener, app: Shared, stop: impl Future<Output = ()> + Send) -> std::io::Result<()> {
    let router = router(app);
    let ending = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    connections.spawn(converse(stream, address, router.clone(), ending.subscribe()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    ending.send_replace(true);
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn converse(stream: TcpStream, address: SocketAddr, router: Router, mut ending: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true); // only costs time where it fails
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // What ends with an error here is a client that went away or spoke no HTTP: nothing for our log.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|ending| *ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
