"use strict";
// Requests of one client on the event loop: no thread, one descriptor.

const { library, waiting, dispatch, encode, call } = require("./native.js");
const { aborted, classes, ended } = require("./errors.js");

/** Throws for what has not the methods of an `AbortSignal`; null and undefined are none. */
function check(signal) {
  if (signal === undefined || signal === null || typeof signal.addEventListener === "function") return;
  throw new classes.ValidationError(`validation error: signal must be an AbortSignal, not a ${typeof signal}`);
}

/** The requests of each signal, which has one listener for all of them: Node warns of a leak at the eleventh. */
const watched = new WeakMap();

function watch(signal, request) {
  let entry = watched.get(signal);
  if (entry === undefined) {
    const requests = new Set();
    const listener = () => [...requests].forEach((one) => one.abort(signal));
    entry = { requests, listener };
    watched.set(signal, entry);
    signal.addEventListener("abort", listener, { once: true });
  }
  entry.requests.add(request);
}

function unwatch(signal, request) {
  const entry = watched.get(signal);
  if (!entry?.requests.delete(request) || entry.requests.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener("abort", entry.listener);
}

/** One client of the library. Keeps the process alive only while somebody waits for one of its requests. */
class Exchange {
  #client;
  #waiters = 0;
  #willPoll = false;

  constructor(client) {
    this.#client = client;
    this.addon = library();
    this.isClosed = false;
  }

  /** The result of an operation that sends nothing. */
  callNow(operation, given) {
    return call(this.#client, operation, given);
  }

  /** The result of a plain operation. */
  async call(operation, given, signal) {
    const request = new Request(this, operation, given, signal);
    try {
      await request.news();
      let text = request.take();
      while (text === undefined) {
        await request.news();
        text = request.take();
      }
      request.isOver = true;
      return JSON.parse(text);
    } finally {
      request.close();
    }
  }

  /** A request that goes out with all others of this turn. */
  start(operation, given) {
    const handle = this.addon.start(this.#client, operation, encode(given));
    if (!this.#willPoll) {
      this.#willPoll = true;
      queueMicrotask(() => this.poll());
    }
    return handle;
  }

  /** Does what there is to do now. */
  poll() {
    this.#willPoll = false;
    const ids = this.addon.poll(this.#client);
    if (ids !== undefined) dispatch(ids);
  }

  holdAlive() {
    if (this.#waiters++ === 0) this.addon.hold(this.#client, true);
  }

  letGo() {
    if (--this.#waiters === 0) this.addon.hold(this.#client, false);
  }

  /** Ends every request, and closes the connections. */
  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    const own = [...waiting.values()].filter((request) => request.exchange === this);
    this.addon.closeClient(this.#client);
    for (const request of own) request.wake();
  }
}

/** One request, for one reader at a time. */
class Request {
  #handle;
  #id;
  #resolve;
  #signal;
  #failure;

  constructor(exchange, operation, given, signal) {
    check(signal);
    if (signal?.aborted) throw aborted(signal);
    this.exchange = exchange;
    this.#handle = exchange.start(operation, given);
    this.#id = this.exchange.addon.id(this.#handle);
    this.isOver = false;
    this.#signal = signal;
    if (signal) watch(signal, this);
  }

  /** Ends it because its signal was aborted. */
  abort(signal) {
    this.#failure = aborted(signal);
    this.close();
    this.wake();
  }

  /** Resolves when there may be something to take. */
  news() {
    if (this.#failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      waiting.set(this.#id, this);
      this.exchange.holdAlive();
    });
  }

  wake() {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    waiting.delete(this.#id);
    this.exchange.letGo();
    resolve();
  }

  /** What has come, as JSON; undefined when there is nothing yet, null at the end. */
  take() {
    if (this.#failure) throw this.#failure;
    if (this.exchange.isClosed) throw ended();
    try {
      const text = this.exchange.addon.next(this.#handle);
      if (text === null) this.isOver = true;
      return text;
    } catch (error) {
      this.isOver = true;
      throw error;
    }
  }

  /** Closes the connection at once, unless it is over. */
  close() {
    if (this.#handle === undefined) return;
    if (this.#signal) unwatch(this.#signal, this);
    this.exchange.addon.close(this.#handle);
    this.#handle = undefined;
    if (!this.isOver && !this.exchange.isClosed) this.exchange.poll();
    this.isOver = true;
  }
}

module.exports = { Exchange, Request };
