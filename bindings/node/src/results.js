"use strict";
// What calls give back; `raw` holds the answer untouched.

const { classes } = require("./errors.js");

class Usage {
  constructor(members) {
    this.promptTokens = members.prompt_tokens;
    this.completionTokens = members.completion_tokens;
    this.totalTokens = members.total_tokens;
  }
}

const usage = (members) => (members.usage ? new Usage(members.usage) : null);

class TextResult {
  constructor(members) {
    this.text = members.text;
    this.model = members.model;
    this.finishReason = members.finish_reason;
    this.usage = usage(members);
    this.raw = members.raw;
  }
}

class TextChunk {
  constructor(members) {
    this.text = members.text;
    this.finishReason = members.finish_reason;
    this.usage = usage(members);
    this.raw = members.raw;
  }
}

class EmbedResult {
  constructor(members) {
    this.embeddings = members.embeddings;
    this.model = members.model;
    this.usage = usage(members);
    this.raw = members.raw;
  }
}

class RerankItem {
  constructor(members) {
    this.index = members.index;
    this.relevanceScore = members.relevance_score;
  }
}

class RerankResult {
  constructor(members) {
    this.results = members.results.map((item) => new RerankItem(item));
    this.model = members.model;
    this.raw = members.raw;
  }
}

class ForecastResult {
  constructor(members) {
    this.raw = members.raw;
  }
}

class Job {
  constructor(members) {
    this.id = members.job_id;
    this.state = members.state ?? null;
    this.attempts = members.attempts ?? null;
    this.result = members.result ?? null;
    this.raw = members.raw;
  }
}

class Response {
  constructor(members) {
    this.status = members.status;
    this.headers = members.headers;
    this.content =
      members.base64 === undefined ? Buffer.from(members.text, "utf8") : Buffer.from(members.base64, "base64");
  }

  header(name) {
    const wanted = name.toLowerCase();
    return this.headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
  }

  get text() {
    return this.content.toString("utf8");
  }

  json() {
    try {
      return JSON.parse(this.text);
    } catch (cause) {
      const start = this.text.slice(0, 200);
      const message = `api error (status ${this.status}): the answer was not JSON (${cause.message}): ${start}`;
      const requestId = this.header("x-request-id") ?? undefined;
      throw new classes.ApiError(message, { status: this.status, requestId, cause });
    }
  }
}

class FieldChange {
  constructor(members) {
    this.field = members.field;
    this.from = members.from;
    this.to = members.to;
    this.effect = members.effect;
  }
}

class Plan {
  constructor(members) {
    this.action = members.action;
    this.changes = members.changes.map((change) => new FieldChange(change));
  }

  get hasChanges() {
    return this.action !== "none";
  }
}

class EndpointRef {
  constructor(members) {
    this.projectSlug = members.project_slug;
    this.workloadSlug = members.workload_slug;
    this.plan = new Plan(members.plan);
  }
}

class ReadinessEvent {
  constructor(members) {
    this.phase = members.phase;
    this.message = members.message;
    this.elapsedMs = members.elapsed_ms;
    this.step = members.step ?? null;
    this.bytesDone = members.bytes_done ?? null;
    this.bytesTotal = members.bytes_total ?? null;
    this.etaMs = members.eta_ms ?? null;
    this.stalled = members.stalled ?? false;
    this.cause = members.cause ?? null;
  }
}

class Workload {
  constructor(members) {
    for (const [name, value] of Object.entries(members)) {
      this[name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())] = value;
    }
  }
}

class WorkloadReport {
  constructor(raw) {
    this.desired = raw.desired ?? 0;
    this.ready = raw.ready ?? 0;
    this.status = raw.status ?? "pending";
    this.statusReason = raw.status_reason ?? null;
    this.revision = raw.revision ?? 0;
    this.replicas = raw.replicas ?? [];
    this.raw = raw;
  }
}

class LogLine {
  constructor(members) {
    this.replicaId = members.replica_id;
    this.timestamp = members.ts;
    this.text = members.text;
  }
}

module.exports = {
  EmbedResult,
  EndpointRef,
  ForecastResult,
  Job,
  LogLine,
  Plan,
  ReadinessEvent,
  RerankResult,
  Response,
  TextChunk,
  TextResult,
  Workload,
  WorkloadReport,
};
