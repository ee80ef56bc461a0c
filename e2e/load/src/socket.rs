//! Sockets of the generator.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;

use anyhow::{Result, anyhow};
use socket2::{Domain, Socket, Type};

/// Threads that connect at once.
const THREADS: usize = 100;

/// Connects to `address` from `source`; the socket blocks.
///
/// # Errors
/// As the operating system says.
pub fn connect(source: Ipv4Addr, address: SocketAddr) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.connect(&address.into())?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// `count` connections, made at once by some threads, in the order of their numbers.
///
/// # Errors
/// The first that failed.
pub fn at_once(
    count: usize,
    connect: impl Fn(usize) -> Result<TcpStream> + Sync,
) -> Result<Vec<TcpStream>> {
    let connect = &connect;
    let mut streams = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let numbers = (thread..count).step_by(THREADS);
                let connected = move || numbers.map(|n| Ok((n, connect(n)?))).collect();
                scope.spawn(connected)
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let some: Result<Vec<(usize, TcpStream)>> =
                thread.join().map_err(|_| anyhow!("a thread broke"))?;
            all.extend(some?);
        }
        Ok::<_, anyhow::Error>(all)
    })?;
    streams.sort_unstable_by_key(|(number, _)| *number);
    Ok(streams.into_iter().map(|(_, stream)| stream).collect())
}
