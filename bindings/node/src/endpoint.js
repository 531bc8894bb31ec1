"use strict";
// One workload that can be called.

const { disposable } = require("./client.js");
const { EventStream } = require("./events.js");
const { Request } = require("./exchange.js");
const { options } = require("./options.js");
const results = require("./results.js");

/** The pieces of a text as they arrive. Leaving a loop over it closes the request. */
class TextStream extends EventStream {}
disposable(TextStream);

class Endpoint {
  #exchange;
  #own;

  constructor(exchange, own) {
    const place = exchange.callNow("endpoint", own);
    this.#exchange = exchange;
    this.#own = own;
    this.workloadSlug = place.workload_slug;
    this.project = place.project;
    this.baseUrl = place.base_url;
  }

  withOptions(given) {
    return new Endpoint(this.#exchange, this.#with({}, given));
  }

  async generateText(given, callOptions) {
    const [members, signal] = text(given, callOptions);
    return new results.TextResult(await this.#call("generate_text", members, callOptions, signal));
  }

  async generateTextStream(given, callOptions) {
    const [members, signal] = text(given, callOptions);
    const whole = this.#with(members, callOptions);
    const begin = () => new Request(this.#exchange, "generate_text_stream", whole, signal);
    return new TextStream(begin, (event) => new results.TextChunk(event)).open();
  }

  async embed(given, callOptions) {
    const isText = typeof given === "string" || Array.isArray(given);
    const { input, signal, ...extra } = isText ? { input: given } : given ?? {};
    const members = { input, extra };
    return new results.EmbedResult(await this.#call("embed", members, callOptions, signal ?? callOptions?.signal));
  }

  async rerank(given, callOptions) {
    const { query, documents, topN, signal, ...extra } = given ?? {};
    const members = { query, documents, top_n: topN, extra };
    return new results.RerankResult(await this.#call("rerank", members, callOptions, signal ?? callOptions?.signal));
  }

  async forecast(body, callOptions) {
    return new results.ForecastResult(await this.#call("forecast", { body }, callOptions, callOptions?.signal));
  }

  async submitJob(kind, body, callOptions) {
    const { context, idempotencyKey, contentType, signal } = callOptions ?? {};
    const members = { kind, context, idempotency_key: idempotencyKey, content_type: contentType };
    if (isBytes(body)) members.base64 = base64(body);
    else members.body = body;
    return new results.Job(await this.#call("submit_job", members, callOptions, signal));
  }

  async getJob(id, callOptions) {
    return new results.Job(await this.#call("get_job", { job_id: id }, callOptions, callOptions?.signal));
  }

  async request(method, path, given) {
    const { json, content, contentType, headers, signal } = given ?? {};
    const members = { method, path, headers: plain(headers), content_type: contentType };
    if (json !== undefined) members.json = json;
    if (typeof content === "string") members.text = content;
    else if (content !== undefined) members.base64 = base64(content);
    return new results.Response(await this.#call("request", members, given, signal));
  }

  #call(operation, members, callOptions, signal) {
    return this.#exchange.call(operation, this.#with(members, callOptions), signal);
  }

  #with(members, callOptions) {
    const own = options(callOptions);
    if (own === undefined) return { ...this.#own, ...members };
    // Merged without what is not given: that stays the endpoint's.
    const given = Object.entries(own).filter(([, value]) => value !== undefined);
    return { ...this.#own, ...members, options: { ...this.#own.options, ...Object.fromEntries(given) } };
  }
}

/** What a text is generated from, and the signal that ends it. */
function text(given, callOptions) {
  const { prompt, messages, temperature, maxTokens, signal, ...extra } = given ?? {};
  const members = { prompt, messages, temperature, max_tokens: maxTokens, extra };
  return [members, signal ?? callOptions?.signal];
}

const isBytes = (value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

function base64(bytes) {
  return ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
    : Buffer.from(bytes).toString("base64");
}

/** Headers as an object: from one, or from pairs as `Headers` and `Map` give them. */
function plain(headers) {
  return typeof headers?.[Symbol.iterator] === "function" ? Object.fromEntries(headers) : headers ?? {};
}

module.exports = { Endpoint, TextStream, plain };
