"""A stranger's client: PyPI `aiortc` dials a supernode by WebRTC-direct, written from docs/protocol/direct.md.

Usage: direct.py ROUTE NODE_KEY. Prints each rule that held; ends with a traceback at one that did not.
"""

import asyncio
import base64
import hashlib
import ipaddress
import os
import re
import sys

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding

Z_BASE_32 = "ybndrfg8ejkmcpqxot1uwisza345h769"


def key(text):
    """A node key, from z-base-32."""
    bits = "".join(f"{Z_BASE_32.index(letter):05b}" for letter in text)[:256]
    return int(bits, 2).to_bytes(32, "big")


ROUTE, NODE = sys.argv[1], key(sys.argv[2])
FRAME_BYTES_MAX = 65_536
BAD_FRAME = 0
PATIENCE = 20


def parts(route):
    """Address, port and certificate hash."""
    place, text = route.removeprefix("direct:").rsplit("/", 1)
    host, port = place.rsplit(":", 1)
    digest = base64.urlsafe_b64decode(text + "=")
    assert len(digest) == 32, route
    return ipaddress.ip_address(host.strip("[]")), int(port), digest


def answer(offer, route):
    ip, port, digest = parts(route)
    password = re.search(r"a=ice-pwd:(\S+)", offer).group(1)
    mid = re.search(r"a=mid:(\S+)", offer).group(1)
    own = hashlib.sha256(b"kith/direct ice v1\0" + digest).digest()[:18]
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {mid}",
        "a=ice-lite",
        f"m=application {port} UDP/DTLS/SCTP webrtc-datachannel",
        f"c=IN IP{ip.version} {ip}",
        f"a=mid:{mid}",
        f"a=ice-ufrag:kd1/{password}",
        f"a=ice-pwd:{base64.b64encode(own).decode()}",
        "a=fingerprint:sha-256 " + ":".join(f"{byte:02X}" for byte in digest),
        "a=setup:passive",
        "a=sctp-port:5000",
        "a=max-message-size:65536",
        f"a=candidate:1 1 udp 2130706431 {ip} {port} typ host",
        "a=end-of-candidates",
    ]
    return "".join(line + "\r\n" for line in lines)


class Dialled:
    """A channel, what came by it, and both certificates as they were seen."""

    @classmethod
    async def open(cls, route=ROUTE):
        self = cls()
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel = self.pc.createDataChannel("kith", negotiated=True, id=0)
        self.came = asyncio.Queue()
        self.channel.on("message", self.came.put_nowait)
        is_open = asyncio.Event()
        self.channel.on("open", lambda: is_open.set())
        self.closed = asyncio.Event()
        self.channel.on("close", lambda: self.closed.set())
        await self.pc.setLocalDescription(await self.pc.createOffer())
        described = answer(self.pc.localDescription.sdp, route)
        await self.pc.setRemoteDescription(RTCSessionDescription(described, "answer"))
        await asyncio.wait_for(is_open.wait(), PATIENCE)
        return self

    def binding(self):
        transport = self.pc.sctp.transport
        own = transport.getLocalParameters().fingerprints
        own = next(it.value for it in own if it.algorithm == "sha-256")
        seen = transport._ssl.get_peer_certificate(as_cryptography=True)
        seen = hashlib.sha256(seen.public_bytes(Encoding.DER)).digest()
        assert seen == parts(ROUTE)[2], "another certificate than the route names"
        return b"".join(sorted([bytes.fromhex(own.replace(":", "")), seen]))

    async def hello(self):
        """Greets, and checks that the supernode proves its key for this very connection."""
        challenge = await asyncio.wait_for(self.came.get(), PATIENCE)
        assert challenge[:3] == b"\x82\x00\xa4", challenge
        version, node, nonce = challenge[6], challenge[10:42], challenge[45:77]
        assert node == NODE, node.hex()
        own = os.urandom(32)
        self.channel.send(b"\x82\x00\xa2\x00" + bytes([version]) + b"\x01\x58\x20" + own)
        welcome = await asyncio.wait_for(self.came.get(), PATIENCE)
        assert welcome[:6] == b"\x82\x01\xa2\x00\x58\x40", welcome
        binding = self.binding()
        transcript = version.to_bytes(4, "big") + node + nonce + own
        transcript += bytes([len(binding)]) + binding
        signed = b"kith/session node v1\0" + transcript
        Ed25519PublicKey.from_public_bytes(node).verify(welcome[6:70], signed)


def ping(token, length=7):
    """The session protocol's ping, padded to `length` bytes by a key that nobody knows."""
    head = b"\x82\x04\xa2\x00\x19" + token.to_bytes(2, "big") + b"\x18\x63"
    for size, form in ((1, b"\x58"), (2, b"\x59"), (4, b"\x5a")):
        padding = length - len(head) - 1 - size
        if 0 <= padding < 256**size:
            return head + form + padding.to_bytes(size, "big") + bytes(padding)
    raise AssertionError(length)


async def proof():
    dialled = await Dialled.open()
    await dialled.hello()
    await dialled.pc.close()


async def sizes():
    dialled = await Dialled.open()
    await dialled.hello()
    for token, length in enumerate((40, 1_200, 40_000, FRAME_BYTES_MAX), 2000):
        dialled.channel.send(ping(token, length))
        pong = await asyncio.wait_for(dialled.came.get(), PATIENCE)
        assert pong == b"\x82\x05\xa1\x00\x19" + token.to_bytes(2, "big"), pong
    await dialled.pc.close()


async def garbage():
    dialled = await Dialled.open()
    await dialled.hello()
    dialled.channel.send(b"\xff" * 100)
    refused = await asyncio.wait_for(dialled.came.get(), PATIENCE)
    assert refused[:5] == bytes([0x82, 6, 0xA3, 0, BAD_FRAME]), refused
    await asyncio.wait_for(dialled.closed.wait(), PATIENCE)
    await dialled.pc.close()


async def text():
    dialled = await Dialled.open()
    await dialled.hello()
    dialled.channel.send("hello")
    await asyncio.wait_for(dialled.closed.wait(), PATIENCE)
    await dialled.pc.close()


async def main():
    for rule in (proof, sizes, garbage, text):
        await asyncio.wait_for(rule(), 2 * PATIENCE)
        print(f"ok {rule.__name__}")


asyncio.run(main())
