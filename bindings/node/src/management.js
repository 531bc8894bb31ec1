"use strict";
// The client of the control plane.

const { open, disposable } = require("./client.js");
const { EventStream } = require("./events.js");
const { Request } = require("./exchange.js");
const { environment } = require("./native.js");
const { milliseconds, options, spec } = require("./options.js");
const results = require("./results.js");

/** The lines that engines wrote. Leaving a loop over it closes the request. */
class LogStream extends EventStream {}
disposable(LogStream);

class ManagementClient {
  #exchange;

  constructor(given, variables) {
    const { baseUrl, sdkToken, project } = given ?? {};
    this.#exchange = open("control", { base_url: baseUrl, sdk_token: sdkToken, project }, given, variables);
  }

  static fromEnv(given) {
    return new ManagementClient(given, environment());
  }

  async ensure(declared, given) {
    const own = typeof given === "string" ? { onDrift: given } : given;
    const onDrift = own?.onDrift ?? declared?.onDrift ?? "reconcile";
    const result = await this.#call("ensure", { spec: spec(declared), on_drift: onDrift }, own);
    for (const text of result.warnings) process.emitWarning(text, { type: "DriftWarning", code: "IK_DRIFT" });
    return new results.EndpointRef(result);
  }

  async plan(declared, given) {
    return new results.Plan(await this.#call("plan", { spec: spec(declared) }, given));
  }

  async delete(slug, given) {
    return (await this.#call("delete", { slug }, given)).deleted;
  }

  async get(slug, given) {
    return new results.Workload(await this.#call("get", { slug }, given));
  }

  async list(given) {
    return (await this.#call("list", {}, given)).workloads.map((one) => new results.Workload(one));
  }

  async status(slug, given) {
    return new results.WorkloadReport(await this.#call("status", { slug }, given));
  }

  logs(slug, given) {
    const { follow, replica, tail, signal } = given ?? {};
    const place = this.#place({ slug, replica, tail }, given);
    // What is there already comes as one answer, `{lines}`; what is followed as arrays.
    const operation = follow ? "follow_logs" : "logs";
    const begin = () => new Request(this.#exchange, operation, place, signal);
    return new LogStream(begin, (line) => new results.LogLine(line), (answer) => answer.lines ?? answer);
  }

  async waitUntilReady(slug, given) {
    const { timeout = 600, onProgress, silent = false, signal } = given ?? {};
    const place = this.#place({ slug, timeout_ms: milliseconds(timeout) }, given);
    let terminal;
    if (!onProgress && !silent) {
      const { TerminalProgress } = require("./progress.js");
      terminal = new TerminalProgress(slug);
    }
    const show = onProgress ?? (terminal ? (event) => terminal.show(event) : undefined);
    let last;
    try {
      const begin = () => new Request(this.#exchange, "wait_until_ready", place, signal);
      for await (const event of new EventStream(begin, (members) => new results.ReadinessEvent(members))) {
        last = event;
        await show?.(event);
      }
    } finally {
      terminal?.finish();
    }
    return last;
  }

  close() {
    this.#exchange.close();
  }

  #call(operation, members, given) {
    return this.#exchange.call(operation, this.#place(members, given), given?.signal);
  }

  #place(members, given) {
    return { ...members, project: given?.project, options: options(given) };
  }
}
disposable(ManagementClient);

module.exports = { ManagementClient, LogStream };
