/** Declare AI workloads in code, and call them on an OpenAI-compatible endpoint. */

// What `await using` and `using` look for; declared here for compilers and libraries that do not have it yet.
declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

// ---- Words of the wire --------------------------------------------------------------------------------------------

/** The engine kind of a workload. A custom backend is named by a plain string. */
export const Backend: {
  readonly Ollama: "ollama";
  readonly Vllm: "vllm";
  readonly VllmOmni: "vllm-omni";
  readonly Sglang: "sglang";
  readonly Llamacpp: "llamacpp";
};
export type Backend = (typeof Backend)[keyof typeof Backend];

/** What a workload does. */
export const TaskType: {
  readonly Text2Text: "text2text";
  readonly Embedding: "embedding";
  readonly Text2Image: "text2image";
  readonly Text2Video: "text2video";
  readonly Text2Audio: "text2audio";
  readonly Image2Image: "image2image";
  readonly Image2Video: "image2video";
  readonly Audio2Text: "audio2text";
  readonly Omni: "omni";
  readonly Reranker: "reranker";
  readonly Classification: "classification";
  readonly Reward: "reward";
  readonly Forecast: "forecast";
};
export type TaskType = (typeof TaskType)[keyof typeof TaskType];

/** How many replicas run, and when. */
export const ExecutionPolicy: {
  readonly Fixed: "fixed";
  readonly Scheduled: "scheduled";
  readonly Autoscaling: "autoscaling";
};
export type ExecutionPolicy = (typeof ExecutionPolicy)[keyof typeof ExecutionPolicy];

/** What `ensure` does when the live workload differs from the spec. */
export const OnDrift: {
  readonly Reconcile: "reconcile";
  readonly Fail: "fail";
  readonly DryRun: "dry_run";
  readonly Warn: "warn";
  readonly Ignore: "ignore";
};
export type OnDrift = (typeof OnDrift)[keyof typeof OnDrift];

/** Any string, with the known ones offered by editors. */
type Open<Known extends string> = Known | (string & Record<never, never>);

// ---- Settings and options -----------------------------------------------------------------------------------------

/** Limits of a request. Times are in seconds, as in every language of this SDK. */
export interface RequestOptions {
  /** How often a request that failed is sent again; 2 unless given. */
  maxRetries?: number;
  /** Seconds to open a connection; 5 unless given. */
  connectTimeout?: number;
  /** Seconds for a whole answer that is no stream; 600 unless given. */
  requestTimeout?: number;
  /** Seconds that a stream may be silent; 120 unless given. */
  streamIdleTimeout?: number;
}

/** Of one call. */
export interface CallOptions extends RequestOptions {
  /** Closes the request. The call rejects with `CancelledError`, or `TimeoutError` at the signal's deadline. */
  signal?: AbortSignal;
}

/** Of one call of the control plane. */
export interface ManagementCallOptions extends CallOptions {
  /** The project, where it is not the client's. */
  project?: string;
}

export interface ManagementClientOptions extends RequestOptions {
  /** Of the platform; `http://127.0.0.1:8080` unless given. */
  baseUrl?: string;
  /** A control token, `ik_sdk_…`. */
  sdkToken?: string;
  /** The slug of the project. */
  project?: string;
}

export interface DataClientOptions extends RequestOptions {
  /** Of the platform; `http://127.0.0.1:8080` unless given. */
  baseUrl?: string;
  /** A data key, `ik_live_…`. */
  apiKey?: string;
  /** The slug of the project. */
  project?: string;
}

export interface EndpointOptions extends RequestOptions {
  /** The key of this workload, where it is not the client's. */
  apiKey?: string;
}

// ---- Declaring workloads ------------------------------------------------------------------------------------------

/** One model, one backend, one policy. A field that is not given is never drift. */
export interface WorkloadSpec {
  readonly name: string;
  readonly slug: string;
  /** A hub name such as `Qwen/Qwen2.5-0.5B-Instruct`, a path, or an Ollama tag. */
  readonly model: string;
  readonly backend: Open<Backend>;
  readonly project?: string;
  readonly description?: string;
  /** The engine's command line, such as `vllm serve NAME --max-model-len 8192`. */
  readonly command?: string;
  readonly vllmVersion?: string;
  readonly taskType?: Open<TaskType>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly executionPolicy?: Open<ExecutionPolicy>;
  readonly executionPolicyConfig?: Readonly<Record<string, unknown>>;
  readonly workerId?: string;
  readonly gpuResourceId?: string;
  /** As in the options of `ensure`, which come first. */
  readonly onDrift?: Open<OnDrift>;
}

export interface EnsureOptions extends ManagementCallOptions {
  /** What to do when the live workload differs; `OnDrift.Reconcile` unless given. */
  onDrift?: Open<OnDrift>;
}

export interface WaitOptions extends ManagementCallOptions {
  /** Seconds until the wait gives up; 600 unless given. */
  timeout?: number;
  /** Called with each event, and awaited. What it throws ends the wait. */
  onProgress?: (event: ReadinessEvent) => unknown;
  /** Shows nothing. Otherwise, without `onProgress`, progress is shown on standard error. */
  silent?: boolean;
}

export interface LogOptions extends ManagementCallOptions {
  /** Also gives what will be written, until the loop is left. */
  follow?: boolean;
  /** The id of one replica. */
  replica?: string;
  /** How many of the last lines. */
  tail?: number;
}

/** Declares workloads and looks after them. Has no inference method: a `DataClient` calls endpoints. */
export class ManagementClient {
  /** Takes nothing from the environment: see `fromEnv`. */
  constructor(options?: ManagementClientOptions);
  /** Takes what is not given from `INFERENCEKEY_SDK_TOKEN`, `INFERENCEKEY_PROJECT` and `INFERENCEKEY_BASE_URL`. */
  static fromEnv(options?: ManagementClientOptions): ManagementClient;
  /** Makes the declared workload be there. Calling it again with the same spec changes nothing. */
  ensure(spec: WorkloadSpec, options?: EnsureOptions | Open<OnDrift>): Promise<EndpointRef>;
  /** What `ensure` would do. Changes nothing. */
  plan(spec: WorkloadSpec, options?: ManagementCallOptions): Promise<Plan>;
  /** Deletes the workload: its replicas finish what they do and stop. False when it was gone already. */
  delete(slug: string, options?: ManagementCallOptions): Promise<boolean>;
  /** The workload. Rejects with `NotFoundError` where there is none. */
  get(slug: string, options?: ManagementCallOptions): Promise<Workload>;
  /** Every workload of the project, sorted by slug. */
  list(options?: ManagementCallOptions): Promise<Workload[]>;
  /** Desired and observed replicas, each with the one reason for its state. */
  status(slug: string, options?: ManagementCallOptions): Promise<WorkloadReport>;
  /** What the engines wrote. The request is made when it is first read. */
  logs(slug: string, options?: LogOptions): LogStream;
  /**
   * Resolves when the workload is ready, with the event that said so. Rejects with an `ApiError` whose `code` is the
   * cause when the workload cannot become ready, with `TimeoutError` when the time is up.
   */
  waitUntilReady(slug: string, options?: WaitOptions): Promise<ReadinessEvent>;
  /**
   * Ends every request of the client, and closes the connections. What was waited for, or is read of a stream,
   * rejects with `CancelledError`, what is called afterwards with `ConfigurationError`.
   */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

// ---- Calling workloads --------------------------------------------------------------------------------------------

/** Calls workloads. Has no provisioning method: workloads are declared with a `ManagementClient`. */
export class DataClient {
  /** Takes nothing from the environment: see `fromEnv`. */
  constructor(options?: DataClientOptions);
  /** Takes what is not given from `INFERENCEKEY_API_KEY`, `INFERENCEKEY_PROJECT` and `INFERENCEKEY_BASE_URL`. */
  static fromEnv(options?: DataClientOptions): DataClient;
  /** The endpoint of one workload. Nothing is sent. */
  endpoint(slug: string, options?: EndpointOptions): Endpoint;
  /**
   * Ends every request of the client and of its endpoints, and closes the connections. What was waited for, or is read
   * of a stream, rejects with `CancelledError`, what is called afterwards with `ConfigurationError`.
   */
  close(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A turn of a conversation; further members go along untouched. */
export interface Message {
  role: string;
  content?: unknown;
  [member: string]: unknown;
}

/** What a text is generated from: `prompt` or `messages`. Further OpenAI fields go along untouched. */
export interface TextRequest {
  prompt?: string;
  messages?: readonly Message[];
  temperature?: number;
  maxTokens?: number;
  signal?: AbortSignal;
  [field: string]: unknown;
}

export interface EmbedRequest {
  input: string | readonly string[];
  signal?: AbortSignal;
  [field: string]: unknown;
}

export interface RerankRequest {
  query: string;
  documents: readonly string[];
  topN?: number;
  signal?: AbortSignal;
  [field: string]: unknown;
}

export interface JobOptions extends CallOptions {
  /** Any JSON; it comes back with the result. */
  context?: unknown;
  /** Lets a request that may have begun be sent again. */
  idempotencyKey?: string;
  /** The kind of a body of bytes. */
  contentType?: string;
}

export interface RouteOptions extends CallOptions {
  /** The body, as JSON. */
  json?: unknown;
  /** The body, as it is. */
  content?: string | ArrayBufferView | ArrayBuffer;
  contentType?: string;
  /** An `Idempotency-Key` lets a request that may have begun be sent again. */
  headers?: Readonly<Record<string, string>> | Iterable<readonly [string, string]>;
}

/** One workload that can be called; made by `DataClient.endpoint`. */
export class Endpoint {
  private constructor();
  readonly workloadSlug: string;
  readonly project: string;
  /** What any OpenAI client takes as its base URL. */
  readonly baseUrl: string;
  /** The same endpoint with other options; connections are shared. */
  withOptions(options: RequestOptions): Endpoint;
  /** Generates a text and waits for the whole of it. */
  generateText(request: TextRequest, options?: CallOptions): Promise<TextResult>;
  /** Generates a text piece by piece. Resolves once the stream is open: a refusal rejects here. */
  generateTextStream(request: TextRequest, options?: CallOptions): Promise<TextStream>;
  /** The vectors of one or more texts, in their order. */
  embed(request: EmbedRequest | string | readonly string[], options?: CallOptions): Promise<EmbedResult>;
  /** Orders documents by how well they answer the query. */
  rerank(request: RerankRequest, options?: CallOptions): Promise<RerankResult>;
  /** Forecasts a series. The body is sent untouched. */
  forecast(body: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<ForecastResult>;
  /** Hands work in that is done later: `body` is JSON, or bytes with `contentType`. */
  submitJob(kind: string, body: unknown, options?: JobOptions): Promise<Job>;
  /** How far a job is. */
  getJob(id: string, options?: CallOptions): Promise<Job>;
  /** Calls any other route below `baseUrl`, such as `/images/generations`. */
  request(method: string, path: string, options?: RouteOptions): Promise<Response>;
}

/** Events as they arrive. Leaving a loop over them closes the request at once. */
interface EventStream<Event> extends AsyncIterableIterator<Event> {
  next(): Promise<IteratorResult<Event, undefined>>;
  return(value?: any): Promise<IteratorResult<Event, any>>;
  /** Closes the request; what has not been read is gone. */
  close(): void;
  [Symbol.asyncIterator](): this;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The pieces of a text as they are generated; made by `Endpoint.generateTextStream`. */
export class TextStream {
  private constructor();
}
export interface TextStream extends EventStream<TextChunk> {}

/** The lines that engines wrote; made by `ManagementClient.logs`. */
export class LogStream {
  private constructor();
}
export interface LogStream extends EventStream<LogLine> {}

// ---- Results; `raw` holds the answer untouched --------------------------------------------------------------------

/** How many tokens a call took. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
}

type Raw = Readonly<Record<string, any>>;

/** A whole generated text. */
export interface TextResult {
  readonly text: string;
  readonly model: string;
  /** Such as `stop` or `length`. */
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly raw: Raw;
}

/** A piece of a text as it is generated; `text` may be empty. */
export interface TextChunk {
  readonly text: string;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly raw: Raw;
}

/** The vectors of one or more texts, in their order. */
export interface EmbedResult {
  readonly embeddings: readonly (readonly number[])[];
  readonly model: string;
  readonly usage: Usage | null;
  readonly raw: Raw;
}

/** How well one document answers the query; `index` is its place in the request. */
export interface RerankItem {
  readonly index: number;
  readonly relevanceScore: number;
}

/** The documents in the order of the server, the best first. */
export interface RerankResult {
  readonly results: readonly RerankItem[];
  readonly model: string;
  readonly raw: Raw;
}

export interface ForecastResult {
  readonly raw: Raw;
}

/** Work that is done later. What the platform has not said is null. */
export interface Job {
  readonly id: string;
  /** Such as `queued`, `running`, `completed` or `failed`. */
  readonly state: string | null;
  readonly attempts: number | null;
  readonly result: any;
  readonly raw: Raw;
}

/** An answer of any other route, as it came. */
export interface Response {
  readonly status: number;
  /** Pairs in the order and spelling of the server. */
  readonly headers: readonly (readonly [string, string])[];
  readonly content: Uint8Array;
  readonly text: string;
  /** The first value of the header, whatever the case of its name. */
  header(name: string): string | null;
  /** The body as JSON; throws `ApiError` when it is none. */
  json(): any;
}

/** One declared field whose live value differs, and how the change would be carried out. */
export interface FieldChange {
  readonly field: string;
  readonly from: any;
  readonly to: any;
  readonly effect: Open<"in_place" | "rolling" | "recreate">;
}

/** What would change, and the changes of an update. */
export interface Plan {
  readonly action: Open<"create" | "update" | "none">;
  readonly changes: readonly FieldChange[];
  readonly hasChanges: boolean;
}

/** A declared workload: where it is called, and what `ensure` found or did. */
export interface EndpointRef {
  readonly projectSlug: string;
  readonly workloadSlug: string;
  readonly plan: Plan;
}

/** How far a workload is on its way to serving. */
export interface ReadinessEvent {
  readonly phase: Open<"scheduling" | "provisioning" | "bootstrapping" | "ready" | "error">;
  readonly message: string;
  /** Since the revision was accepted. */
  readonly elapsedMs: number;
  readonly step: string | null;
  readonly bytesDone: number | null;
  readonly bytesTotal: number | null;
  readonly etaMs: number | null;
  /** No progress for 60 s. */
  readonly stalled: boolean;
  readonly cause: string | null;
}

/** A workload as the platform has it. */
export interface Workload {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly projectId: string;
  readonly projectSlug: string;
  readonly workloadSlug: string;
  readonly description: string | null;
  readonly taskType: string;
  readonly backend: string;
  readonly modelName: string;
  readonly config: Raw | null;
  readonly workerId: string | null;
  readonly gpuResourceId: string | null;
  readonly executionPolicy: string;
  readonly executionPolicyConfig: Raw | null;
  /** Grows by one per accepted change. */
  readonly revision: number;
  readonly status: string;
  readonly statusReason: string | null;
  readonly replacement: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** How a workload stands: desired and observed replicas, each with the one reason for its state. */
export interface WorkloadReport {
  readonly desired: number;
  readonly ready: number;
  readonly status: string;
  readonly statusReason: string | null;
  readonly revision: number;
  readonly replicas: readonly Raw[];
  readonly raw: Raw;
}

/** One line that an engine wrote. */
export interface LogLine {
  readonly replicaId: string;
  /** In RFC 3339; null where the engine's line has no time. */
  readonly timestamp: string | null;
  readonly text: string;
}

// ---- Webhooks -----------------------------------------------------------------------------------------------------

/**
 * Checks that a delivery comes from who has the secret, and lately, and gives its event. Throws a `ValidationError`
 * whose `code` says why it is not to be trusted. An event may come more than once: its `job_id` tells.
 *
 * @param rawBody the body as it came, before anything parsed it
 * @param headers of the delivery; the case of names does not matter
 * @param secret of the destination, as it was shown
 * @param tolerance seconds that the time of signing may be from now; 300 unless given
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  headers:
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | Iterable<readonly [string, string | readonly string[]]>,
  secret: string,
  tolerance?: number,
): any;

// ---- Errors -------------------------------------------------------------------------------------------------------

interface ErrorMembers {
  status?: number;
  code?: string;
  requestId?: string;
  retryAfter?: number;
  fields?: Readonly<Record<string, string>>;
  cause?: unknown;
}

/** Of every kind. `message` says what happened and what to do, and never holds a secret. */
export class InferenceKeyError extends Error {
  constructor(message: string, members?: ErrorMembers);
  /** The HTTP status of the answer, if there was one. */
  readonly status?: number;
  /** The platform's code, such as `workload_not_ready`. */
  readonly code?: string;
  readonly requestId?: string;
  /** Seconds after which the server says that a retry may succeed. */
  readonly retryAfter?: number;
  /** What is wrong, by field. */
  readonly fields: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}
/** Before any request: something is missing or malformed in the configuration. */
export class ConfigurationError extends InferenceKeyError {}
/** A bad argument, 400, 422, or drift under `OnDrift.Fail`. */
export class ValidationError extends InferenceKeyError {}
/** 401. */
export class AuthError extends InferenceKeyError {}
/** 403, or the wrong kind of credential; `code` is the reason. */
export class PermissionDenied extends InferenceKeyError {}
/** Any other answer. */
export class ApiError extends InferenceKeyError {}
/** 404. */
export class NotFoundError extends ApiError {}
/** 429; `retryAfter` says when to come back. */
export class RateLimitError extends ApiError {}
/** No answer, or one that was cut off. */
export class NetworkError extends ApiError {}
/** A deadline passed. */
export class TimeoutError extends InferenceKeyError {}
/** The request was closed while it was waited for. */
export class CancelledError extends InferenceKeyError {}
