"use strict";
// Streams as async iterators.

/** The events of a streaming operation. A loop over it that is left closes the request at once. */
class EventStream {
  #begin;
  #make;
  #batch;
  #request;
  #ready = [];
  #at = 0;
  #reading;
  #isEnded = false;

  /** `begin` makes the request when it is first read, `make` a value of each event, `batch` events of an answer. */
  constructor(begin, make, batch = (answer) => answer) {
    this.#begin = begin;
    this.#make = make;
    this.#batch = batch;
  }

  /** Resolves once the stream is open, and rejects when it is refused. */
  async open() {
    this.#ready = (await this.#more()) ?? [];
    return this;
  }

  next() {
    // Calls that do not wait for each other get their events in the order of the calls.
    if (this.#reading !== undefined) return this.#reading.then(() => this.next(), () => this.next());
    // Of a closed client nothing more is given, whatever has arrived.
    const isOpen = !this.#request?.exchange.isClosed;
    if (isOpen && this.#at < this.#ready.length) return Promise.resolve(this.#taken());
    const reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  async return(value) {
    this.close();
    return { done: true, value };
  }

  /** Closes the request; what has not been read is gone. */
  close() {
    this.#isEnded = true;
    this.#ready = [];
    this.#at = 0;
    this.#request?.close();
    this.#request?.wake();
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async #read() {
    while (true) {
      const batch = await this.#more();
      if (batch === null) return { done: true, value: undefined };
      if (batch.length > 0) {
        this.#ready = batch;
        this.#at = 0;
        return this.#taken();
      }
    }
  }

  #taken() {
    return { done: false, value: this.#make(this.#ready[this.#at++]) };
  }

  /** Everything that has arrived; null at the end. */
  async #more() {
    if (this.#isEnded) return null;
    try {
      this.#request ??= this.#begin();
      const text = await this.#news();
      if (text !== null) return this.#batch(JSON.parse(text));
    } catch (error) {
      if (this.#isEnded) return null;
      this.close();
      throw error;
    }
    this.close();
    return null;
  }

  async #news() {
    while (true) {
      if (this.#isEnded) return null;
      const text = this.#request.take();
      if (text !== undefined) return text;
      await this.#request.news();
    }
  }
}

module.exports = { EventStream };
