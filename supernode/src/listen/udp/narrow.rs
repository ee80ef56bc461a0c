//! Sending where the kernel refuses: over a path that does not carry what is to be sent, to a place to which no
//! way is known, and faster than it leaves. In a network of the test's own: a relay, a router, and a peer behind a
//! link that is narrower than the others.

use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};

use super::batch::{Batch, Out, send_all};
use super::sockets;
use super::ways::{Way, Ways};
use shared::turn::HEADROOM;

/// Tells the test that it runs in its network.
const INSIDE: &str = "KITH_TEST_NARROW";
const RELAY: &str = "10.77.1.2:0";
const PEER: &str = "10.77.2.2:0";
/// On the relay's own link, and there is nobody.
const NOBODY: &str = "10.77.1.99:9";
/// Nothing leads there.
const NOWHERE: &str = "10.99.0.1:9";
/// How long a packet is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that the narrow link does not carry, and such that it does.
const LONG: usize = 1400;
const SHORT: usize = 100;

/// Runs the test `name` again in a network of its own. Says whether it is in it.
fn is_inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let output = Command::new("unshare")
        .args(["--net", "--map-root-user", "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(INSIDE, "")
        .output()
        .expect("unshare, of the package util-linux");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(
        said.contains("running 1 test"),
        "no network could be made; this needs user namespaces (sysctl \
         kernel.unprivileged_userns_clone=1) or root: {complained}"
    );
    assert!(output.status.success(), "{said}{complained}");
    false
}

fn shell(script: &str) {
    let path = std::env::var("PATH").unwrap_or_default();
    let status = Command::new("sh")
        .args(["-ec", script])
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .status();
    assert!(status.unwrap().success(), "ip, of the package iproute2");
}

type Job = Box<dyn FnOnce() + Send>;

/// A host with a network of its own, which does what it is told.
struct Host(mpsc::Sender<Job>, i32);

impl Host {
    fn new() -> Self {
        let (say, jobs) = mpsc::channel::<Job>();
        let (name, named) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            name.send(nix::unistd::gettid().as_raw()).unwrap();
            jobs.into_iter().for_each(|job| job());
        });
        Self(say, named.recv().unwrap())
    }

    fn do_it<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (say, said) = mpsc::channel();
        self.0
            .send(Box::new(move || say.send(job()).unwrap()))
            .unwrap();
        said.recv().unwrap()
    }
}

/// Makes the network around the relay. Gives the peer's socket, and the hosts, which must stay.
fn network() -> (UdpSocket, [Host; 2]) {
    let [router, peer] = [Host::new(), Host::new()];
    shell(&format!(
        "ip link set lo up; ip link add near type veth peer name middle
         ip link set middle netns {}; ip address add 10.77.1.2/24 dev near; ip link set near up
         ip route add 10.77.2.0/24 via 10.77.1.1",
        router.1
    ));
    let far = peer.1;
    router.do_it(move || {
        shell(&format!(
            "ip link add narrow type veth peer name far; ip link set far netns {far}
             ip address add 10.77.1.1/24 dev middle; ip link set middle up
             ip address add 10.77.2.1/24 dev narrow; ip link set narrow mtu 1000 up
             echo 1 > /proc/sys/net/ipv4/ip_forward"
        ));
    });
    let socket = peer.do_it(|| {
        shell(
            "ip address add 10.77.2.2/24 dev far; ip link set far mtu 1000 up
             ip route add default via 10.77.2.1",
        );
        UdpSocket::bind(PEER).unwrap()
    });
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    (socket, [router, peer])
}

struct Sender {
    batch: Batch,
    ways: Ways,
    way: Way,
    socket: UdpSocket,
}

impl Sender {
    /// Sends together what has these lengths. Says by how many connected sockets, and how many were not sent.
    fn send(&mut self, to: SocketAddr, lens: &[usize]) -> (usize, u64) {
        let outs = lens.iter().enumerate().map(|(slot, len)| {
            let (socket, connected) = self.ways.take(&mut self.way, &self.socket, to, *len);
            let range = HEADROOM..HEADROOM + len;
            self.batch.slot_mut(slot)[HEADROOM] = slot as u8;
            Out {
                socket,
                slot,
                range,
                to,
                connected,
            }
        });
        let outs: Vec<_> = outs.collect();
        let connected = outs.iter().filter(|out| out.connected).count();
        (connected, send_all(&self.batch, &outs))
    }
}

/// Lengths of the next `count` packets, in whatever order.
fn came(socket: &UdpSocket, count: usize) -> Vec<(u8, usize)> {
    let mut bytes = [0; 2048];
    let mut came: Vec<_> = (0..count)
        .map(|_| {
            let len = socket.recv(&mut bytes).unwrap();
            (bytes[0], len)
        })
        .collect();
    came.sort_unstable();
    came
}

#[test]
fn what_a_path_does_not_carry_goes_in_parts_and_all_else_as_before() {
    if !is_inside(
        "listen::udp::narrow::what_a_path_does_not_carry_goes_in_parts_and_all_else_as_before",
    ) {
        return;
    }
    let (peer, _hosts) = network();
    let to = peer.local_addr().unwrap();
    let mut sender = Sender {
        batch: Batch::new(),
        ways: Ways::new(&[]),
        way: Way::default(),
        socket: sockets::relay(RELAY.parse().unwrap()).unwrap(),
    };
    // In the end it has a socket to send by.
    for _ in 0..64 {
        assert_eq!(sender.send(to, &[SHORT]).1, 0);
        assert_eq!(came(&peer, 1), [(0, SHORT)]);
    }
    assert_eq!(sender.send(to, &[SHORT]), (1, 0));
    assert_eq!(came(&peer, 1), [(0, SHORT)]);
    // What is too long is lost on the way; the router says so, and the kernel knows with the next one.
    assert_eq!(sender.send(to, &[LONG]), (1, 0));
    assert_eq!(sender.send(to, &[SHORT]), (1, 0));
    assert_eq!(came(&peer, 1), [(0, SHORT)]);
    sender.way.measure();
    // Two that could go as one: neither that nor one whole, but each in parts.
    assert_eq!(sender.send(to, &[LONG, LONG]), (0, 0));
    assert_eq!(came(&peer, 2), [(0, LONG), (1, LONG)]);
    // As before, with some that fit between.
    assert_eq!(sender.send(to, &[LONG, SHORT, LONG]).1, 0);
    assert_eq!(came(&peer, 3), [(0, LONG), (1, SHORT), (2, LONG)]);
    let nowhere = NOWHERE.parse().unwrap();
    assert_eq!(sender.send(nowhere, &[SHORT, SHORT, LONG]).1, 3);
    assert_eq!(sender.send(to, &[SHORT]).1, 0);
    assert_eq!(came(&peer, 1), [(0, SHORT)]);
    // Whom nobody answers for is waited for by the kernel, with little room; others are not held up.
    let nobody = NOBODY.parse().unwrap();
    let full = sockets::relay(RELAY.parse().unwrap()).unwrap();
    socket2::SockRef::from(&full)
        .set_send_buffer_size(0)
        .unwrap();
    let other = std::mem::replace(&mut sender.socket, full);
    let _ = sender.send(nobody, &[SHORT; 64]);
    assert_eq!(sender.send(nobody, &[LONG; 8]).1, 8);
    assert_eq!(sender.send(nobody, &[SHORT]).1, 1);
    let (one, batch) = (other.as_raw_fd(), &sender.batch);
    let range = HEADROOM..HEADROOM + SHORT;
    let out = Out {
        socket: one,
        slot: 0,
        range,
        to,
        connected: false,
    };
    assert_eq!(send_all(batch, &[out]), 0);
    assert_eq!(came(&peer, 1), [(0, SHORT)]);
}
