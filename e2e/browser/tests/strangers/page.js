// A browser's own WebSocket against a supernode, by raw bytes: the names of the rules that held, or why one
// did not. Arguments: the address, and what is called when done.
const [url, done] = arguments;
const FRAME_BYTES_MAX = 65536;
const [BAD_FRAME, TOO_LARGE] = [0, 1];

const hex = bytes => [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('');
function same(found, wanted) {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
}

// The session protocol's ping with a token of two bytes, padded to `length` by a key that nobody knows.
function ping(token, length) {
    const head = [0x82, 4, 0xa2, 0, 0x19, token >> 8, token & 255, 0x18, 0x63];
    const [size, form] = [[1, 0x58], [2, 0x59], [4, 0x5a]].find(([size]) => length - head.length - 1 - size < 256 ** size);
    const padding = length - head.length - 1 - size;
    const count = Array.from({ length: size }, (_, at) => padding >>> 8 * (size - 1 - at) & 255);
    const bytes = new Uint8Array(length);
    bytes.set([...head, form, ...count]);
    return bytes;
}
const pong = token => hex([0x82, 5, 0xa1, 0, 0x19, token >> 8, token & 255]);

class Client {
    constructor() {
        this.socket = new WebSocket(url);
        this.socket.binaryType = 'arraybuffer';
        this.came = [];
        this.waiting = [];
        this.closed = new Promise(then => { this.socket.onclose = ({ code, wasClean }) => then([code, wasClean]); });
        this.socket.onmessage = ({ data }) => this.waiting.length ? this.waiting.shift()(data) : this.came.push(data);
    }
    next() {
        return this.came.length ? Promise.resolve(this.came.shift()) : new Promise(then => this.waiting.push(then));
    }
    static async ready() {
        const client = new Client();
        const challenge = new Uint8Array(await client.next());
        same(hex(challenge.subarray(0, 2)), '8200');
        client.socket.send(new Uint8Array([0x82, 0, 0xa2, 0, challenge[6], 1, 0x58, 0x20, ...crypto.getRandomValues(new Uint8Array(32))]));
        same(hex((await client.next()).slice(0, 2)), '8201');
        return client;
    }
}

const rules = {
    async handshake() {
        const client = await Client.ready();
        same(client.socket.extensions + client.socket.protocol, '');
        client.socket.send(ping(1000, 40));
        same(hex(await client.next()), pong(1000));
        client.socket.close();
        // No code was sent; the supernode's answer is a normal closure.
        same(await client.closed, [1000, true]);
    },
    async sizes() {
        const client = await Client.ready();
        for (const [at, length] of [125, 126, 65535, FRAME_BYTES_MAX].entries()) {
            client.socket.send(ping(2000 + at, length));
            same(hex(await client.next()), pong(2000 + at));
        }
        client.socket.send(new Blob([ping(2500, 100).subarray(0, 50), ping(2500, 100).subarray(50)]));
        same(hex(await client.next()), pong(2500));
        client.socket.send(ping(3000, FRAME_BYTES_MAX + 1));
        same(hex((await client.next()).slice(0, 5)), hex([0x82, 6, 0xa3, 0, TOO_LARGE]));
        same((await client.closed)[0], 1009);
    },
    // Browsers cut what is very large into fragments and frames as they like.
    async far_too_large() {
        const client = await Client.ready();
        client.socket.send(new Uint8Array(4 * 1024 * 1024));
        const [code] = await client.closed;
        if (code !== 1009 && code !== 1006) throw new Error(`closed with ${code}`);
    },
    async many_at_once() {
        const client = await Client.ready();
        for (let token = 1001; token <= 1100; token++) client.socket.send(ping(token, 2000));
        for (let token = 1001; token <= 1100; token++) same(hex(await client.next()), pong(token));
        client.socket.close();
    },
    async text() {
        const client = await Client.ready();
        client.socket.send('hello');
        same((await client.closed)[0], 1003);
    },
    async garbage() {
        const client = await Client.ready();
        client.socket.send(new Uint8Array(100).fill(0xff));
        same(hex((await client.next()).slice(0, 5)), hex([0x82, 6, 0xa3, 0, BAD_FRAME]));
        same((await client.closed)[0], 1008);
    },
    async close_codes() {
        for (const code of [1000, 3000, 4999]) {
            const client = await Client.ready();
            client.socket.close(code, "schön war's");
            same(await client.closed, [code, true]);
        }
    },
};

(async () => {
    const held = [];
    for (const [name, rule] of Object.entries(rules)) {
        try {
            await rule();
        } catch (error) {
            return { held, broken: `${name}: ${error.message}` };
        }
        held.push(name);
    }
    return { held, broken: null };
})().then(done);
