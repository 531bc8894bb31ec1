"use strict";
// A small HTTP server on a loopback port that does what a test's script tells it, and keeps what it was asked.

const net = require("node:net");

/** One connection, as the script writes to it. */
class Reply {
  constructor(socket) {
    this.socket = socket;
    /** Resolves when the other side has closed the connection. */
    this.closed = socket.closedPromise;
  }

  send(data) {
    this.socket.write(data);
  }

  answer(body, status = 200, kind = "application/json", ...headers) {
    const bytes = Buffer.from(body);
    const lines = [`HTTP/1.1 ${status} X`, `content-type: ${kind}`, `content-length: ${bytes.length}`, ...headers];
    this.send(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), bytes]));
  }

  json(value, status = 200, ...headers) {
    this.answer(JSON.stringify(value), status, "application/json", ...headers);
  }

  openEvents() {
    this.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
  }

  chunk(text) {
    this.send(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }

  event(value) {
    this.chunk(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
  }

  events(...values) {
    this.openEvents();
    for (const value of values) this.event(value);
    this.end();
  }

  end() {
    this.chunk("");
  }
}

class LoopbackServer {
  constructor(script) {
    this.script = script;
    this.requests = [];
    this.accepted = 0;
    this.sockets = new Set();
    this.server = net.createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  async start() {
    await new Promise((resolve) => this.server.listen({ port: 0, host: "127.0.0.1", backlog: 2048 }, resolve));
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  stop() {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  serve(socket) {
    const connection = this.accepted++;
    let buffer = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on("error", () => {});
    socket.closedPromise = new Promise((resolve) => socket.once("close", resolve));
    socket.closedPromise.then(() => this.sockets.delete(socket));
    socket.on("data", (data) => {
      buffer = Buffer.concat([buffer, data]);
      for (let taken; (taken = takeRequest(buffer)); buffer = taken.rest) {
        taken.request.connection = connection;
        this.requests.push(taken.request);
        this.script(taken.request, new Reply(socket), this);
      }
    });
  }
}

/** The first request of the buffer and what comes after it, once it is whole. */
function takeRequest(buffer) {
  const end = buffer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [line, ...rest] = buffer.toString("utf8", 0, end).split("\r\n");
  const headers = {};
  for (const one of rest) {
    const colon = one.indexOf(":");
    headers[one.slice(0, colon).toLowerCase()] = one.slice(colon + 1).trim();
  }
  const whole = end + 4 + Number(headers["content-length"] ?? 0);
  if (buffer.length < whole) return undefined;
  const [method, target] = line.split(" ");
  const body = buffer.subarray(end + 4, whole);
  const request = { method, target, headers, body, wire: buffer.subarray(0, whole), json: () => JSON.parse(body) };
  return { request, rest: buffer.subarray(whole) };
}

module.exports = { LoopbackServer };
