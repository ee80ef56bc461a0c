// A stranger's client: npm `ws` against a supernode, by raw bytes.
//
// Usage: client.mjs URL; KITH_WS is the package's `wrapper.mjs`. Prints each rule that held; ends with an
// exception at one that did not. Checks the supernode's signature as docs/protocol/session.md has it.
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const { WebSocket } = await import(pathToFileURL(process.env.KITH_WS));
const url = process.argv[2];
const FRAME_BYTES_MAX = 65_536;
const [BAD_FRAME, TOO_LARGE] = [0, 1];
const PATIENCE = 20_000;

/** The session protocol's ping with a token of two bytes, padded to `length` by a key that nobody knows. */
function ping(token, length) {
    const head = Buffer.from([0x82, 4, 0xa2, 0, 0x19, token >> 8, token & 255, 0x18, 0x63]);
    const form = [[1, 0x58], [2, 0x59], [4, 0x5a]].find(([size]) => length - head.length - 1 - size < 256 ** size);
    const padding = length - head.length - 1 - form[0];
    const count = Buffer.alloc(form[0]);
    count.writeUIntBE(padding, 0, form[0]);
    return Buffer.concat([head, Buffer.from([form[1]]), count, Buffer.alloc(padding)]);
}

const pong = token => Buffer.from([0x82, 5, 0xa1, 0, 0x19, token >> 8, token & 255]);

class Client {
    constructor() {
        this.socket = new WebSocket(url);
        this.came = [];
        this.waiting = [];
        this.closed = once(this.socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
        this.socket.on('message', (data, binary) => {
            assert(binary, 'a text message');
            const next = this.waiting.shift();
            next ? next(data) : this.came.push(data);
        });
    }

    next() {
        const came = this.came.shift();
        return came ? Promise.resolve(came) : new Promise(then => this.waiting.push(then));
    }

    static async ready() {
        const client = new Client();
        const challenge = await client.next();
        assert.deepEqual([...challenge.subarray(0, 2)], [0x82, 0]);
        const version = challenge[6];
        const [node, theirs] = [challenge.subarray(10, 42), challenge.subarray(45, 77)];
        const mine = randomBytes(32);
        client.socket.send(Buffer.concat([Buffer.from([0x82, 0, 0xa2, 0, version, 1, 0x58, 0x20]), mine]));
        const welcome = await client.next();
        assert.deepEqual([...welcome.subarray(0, 2)], [0x82, 1]);
        const signature = welcome.subarray(6, 70);
        const label = Buffer.from('kith/session node v1\0');
        const signed = Buffer.concat([label, Buffer.from([0, 0, 0, version]), node, theirs, mine, Buffer.from([0])]);
        const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), node]);
        const made = createPublicKey({ key, format: 'der', type: 'spki' });
        assert(verify(null, signed, made, signature), 'the supernode did not prove its key');
        return client;
    }
}

const rules = {
    async handshake() {
        const client = await Client.ready();
        assert.equal(client.socket.extensions, '');
        client.socket.send(ping(1000, 40));
        assert.deepEqual(await client.next(), pong(1000));
        client.socket.close(1000);
        assert.equal((await client.closed).code, 1000);
    },
    async pings() {
        const client = await Client.ready();
        for (const payload of [Buffer.alloc(0), Buffer.from('there?'), Buffer.alloc(125, 7)]) {
            client.socket.ping(payload);
            const [echo] = await once(client.socket, 'pong');
            assert.deepEqual(echo, payload);
        }
        client.socket.close();
    },
    async fragments() {
        const client = await Client.ready();
        for (const parts of [2, 10, 200]) {
            const message = ping(1000 + parts, 40_000);
            const step = Math.ceil(message.length / parts);
            for (let at = 0; at < message.length; at += step) {
                const fin = at + step >= message.length;
                client.socket.send(message.subarray(at, at + step), { binary: true, fin });
                if (at === 0) client.socket.ping();
            }
            assert.deepEqual(await client.next(), pong(1000 + parts));
        }
        client.socket.close();
    },
    async sizes() {
        const client = await Client.ready();
        for (const [at, length] of [125, 126, 65_535, FRAME_BYTES_MAX].entries()) {
            client.socket.send(ping(2000 + at, length));
            assert.deepEqual(await client.next(), pong(2000 + at));
        }
        client.socket.send(ping(3000, FRAME_BYTES_MAX + 1));
        assert.deepEqual([...(await client.next()).subarray(0, 5)], [0x82, 6, 0xa3, 0, TOO_LARGE]);
        assert.equal((await client.closed).code, 1009);
    },
    async text() {
        const client = await Client.ready();
        client.socket.send('hello');
        assert.equal((await client.closed).code, 1003);
    },
    async garbage() {
        const client = await Client.ready();
        client.socket.send(Buffer.alloc(100, 0xff));
        assert.deepEqual([...(await client.next()).subarray(0, 5)], [0x82, 6, 0xa3, 0, BAD_FRAME]);
        assert.equal((await client.closed).code, 1008);
    },
    async close_codes() {
        for (const code of [1000, 1001, 3000, 4999]) {
            const client = await Client.ready();
            client.socket.close(code, "schön war's");
            assert.equal((await client.closed).code, code);
        }
    },
};

for (const [name, rule] of Object.entries(rules)) {
    const late = setTimeout(() => { throw new Error(`${name}: no answer`); }, PATIENCE);
    await rule();
    clearTimeout(late);
    console.log(`ok ${name}`);
}
