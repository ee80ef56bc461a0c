"""A stranger's client: PyPI `websockets` against a supernode, by raw bytes.

Usage: client.py URL. Prints each rule that held; ends with a traceback at one that did not.
"""

import asyncio
import os
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URL = sys.argv[1]
FRAME_BYTES_MAX = 65_536
BAD_FRAME, TOO_LARGE = 0, 1
PATIENCE = 20


def ping(token, length=7):
    """The session protocol's ping, padded to `length` bytes by a key that nobody knows."""
    head = b"\x82\x04\xa2\x00\x19" + token.to_bytes(2, "big") + b"\x18\x63"
    for size, form in ((1, b"\x58"), (2, b"\x59"), (4, b"\x5a")):
        padding = length - len(head) - 1 - size
        if 0 <= padding < 256**size:
            return head + form + padding.to_bytes(size, "big") + bytes(padding)
    raise AssertionError(length)


def pong(token):
    return b"\x82\x05\xa1\x00\x19" + token.to_bytes(2, "big")


async def ready():
    socket = await connect(URL, max_size=FRAME_BYTES_MAX)
    challenge = await socket.recv()
    assert challenge[:2] == b"\x82\x00", challenge
    version = challenge[6]
    await socket.send(b"\x82\x00\xa2\x00" + bytes([version]) + b"\x01\x58\x20" + os.urandom(32))
    welcome = await socket.recv()
    assert welcome[:2] == b"\x82\x01", welcome
    return socket


async def closed(socket):
    """Whatever still comes, and the close code."""
    came = []
    try:
        while True:
            came.append(await socket.recv())
    except ConnectionClosed as closed:
        return came, closed.rcvd.code if closed.rcvd else None


async def handshake():
    socket = await ready()
    assert not socket.protocol.extensions, "an extension was agreed on"
    await socket.send(ping(1000, 40))
    assert await socket.recv() == pong(1000)
    await socket.close()
    assert socket.close_code == 1000, socket.close_code


async def pings():
    socket = await ready()
    for payload in (b"", b"there?", bytes(125)):
        await (await socket.ping(payload))
    await socket.close()


async def fragments():
    socket = await ready()
    for parts in (2, 10, 200):
        message = ping(1000 + parts, 40_000)
        step = -(-len(message) // parts)
        await socket.send([message[at : at + step] for at in range(0, len(message), step)])
        assert await socket.recv() == pong(1000 + parts)
    await socket.close()


async def sizes():
    socket = await ready()
    for token, length in enumerate((125, 126, 65_535, FRAME_BYTES_MAX), 2000):
        await socket.send(ping(token, length))
        assert await socket.recv() == pong(token), length
    await socket.send(ping(3000, FRAME_BYTES_MAX + 1))
    came, code = await closed(socket)
    assert code == 1009 and came[0][:5] == bytes([0x82, 6, 0xA3, 0, TOO_LARGE]), (came, code)


async def text():
    socket = await ready()
    await socket.send("hello")
    came, code = await closed(socket)
    assert (came, code) == ([], 1003), (came, code)


async def garbage():
    socket = await ready()
    await socket.send(b"\xff" * 100)
    came, code = await closed(socket)
    assert code == 1008 and came[0][:5] == bytes([0x82, 6, 0xA3, 0, BAD_FRAME]), (came, code)


async def close_codes():
    for code in (1000, 1001, 3000, 4999):
        socket = await ready()
        await socket.close(code, "schön war's")
        assert socket.protocol.close_rcvd.code == code, socket.protocol.close_rcvd


async def main():
    for rule in (handshake, pings, fragments, sizes, text, garbage, close_codes):
        await asyncio.wait_for(rule(), PATIENCE)
        print(f"ok {rule.__name__}")


asyncio.run(main())
