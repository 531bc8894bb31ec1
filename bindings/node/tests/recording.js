"use strict";
// A loopback server for vectors: records the bytes of each request, and sends the next of its answers.

const net = require("node:net");

class RecordingServer {
  #answers;
  #sockets = new Set();

  constructor(answers) {
    this.#answers = answers;
    this.requests = [];
    this.server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.host = `127.0.0.1:${this.server.address().port}`;
    this.url = `http://${this.host}`;
    return this;
  }

  stop() {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #serve(socket) {
    let buffer = Buffer.alloc(0);
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (data) => {
      buffer = Buffer.concat([buffer, data]);
      for (let size; (size = wholeRequest(buffer)) > 0; buffer = buffer.subarray(size)) {
        this.requests.push(buffer.toString("utf8", 0, size));
        const answer = this.#answers[this.requests.length - 1] ?? "";
        socket.write(answer);
        if (endsConnection(answer)) socket.end();
      }
    });
  }
}

/** The size of the first request; 0 until it is whole. */
function wholeRequest(buffer) {
  const end = buffer.indexOf("\r\n\r\n");
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(buffer.toString("latin1", 0, end))?.[1] ?? 0;
  const size = end + 4 + Number(length);
  return buffer.length < size ? 0 : size;
}

/** Whether the connection ends with the answer: it says so, or does not say where it ends, or is cut off. */
function endsConnection(answer) {
  const [head, ...rest] = answer.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  if (/\r\nconnection: *close/i.test(head)) return true;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return !/(^|\r\n)0\r\n\r\n$/.test(body);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return !/^HTTP\/1\.1 (204|304|1\d\d)/.test(head);
  return Buffer.byteLength(body) < Number(length);
}

module.exports = { RecordingServer };
