// Uses every name of the package; compiled, never run.
import * as sdk from "@inferencekey/sdk";
import {
  ApiError, AuthError, Backend, CancelledError, ConfigurationError, DataClient, Endpoint, ExecutionPolicy,
  InferenceKeyError, LogStream, ManagementClient, NetworkError, NotFoundError, OnDrift, PermissionDenied,
  RateLimitError, TaskType, TextStream, TimeoutError, ValidationError, verifyWebhook,
} from "@inferencekey/sdk";
import type {
  CallOptions, DataClientOptions, EmbedRequest, EmbedResult, EndpointOptions, EndpointRef, EnsureOptions, FieldChange,
  ForecastResult, Job, JobOptions, LogLine, LogOptions, ManagementCallOptions, ManagementClientOptions, Message, Plan,
  ReadinessEvent, RequestOptions, RerankItem, RerankRequest, RerankResult, Response, RouteOptions, TextChunk,
  TextRequest, TextResult, Usage, WaitOptions, Workload, WorkloadReport, WorkloadSpec,
} from "@inferencekey/sdk";

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

const limits: RequestOptions = { maxRetries: 0, connectTimeout: 1, requestTimeout: 2, streamIdleTimeout: 3 };
const call: CallOptions = { ...limits, signal: new AbortController().signal };
const managed: ManagementCallOptions = { ...call, project: "acme" };

async function control(): Promise<void> {
  const settings: ManagementClientOptions = { baseUrl: "http://a", sdkToken: "t", project: "acme", ...limits };
  const management: ManagementClient = new ManagementClient(settings);
  ManagementClient.fromEnv({ project: "acme" }).close();
  const spec: WorkloadSpec = {
    name: "Bot", slug: "bot", model: "m", backend: Backend.Vllm, project: "acme", description: "d",
    command: "vllm serve m", vllmVersion: "1", taskType: TaskType.Text2Text, config: { any: [1] }, executionPolicy: ExecutionPolicy.Autoscaling,
    executionPolicyConfig: { max: 2 }, workerId: "w", gpuResourceId: "g", onDrift: OnDrift.Fail,
  };
  const ensure: EnsureOptions = { onDrift: OnDrift.Warn, ...managed };
  const ref: EndpointRef = await management.ensure(spec, ensure);
  await management.ensure({ name: "b", slug: "b", model: "m", backend: "my-own-backend" }, OnDrift.DryRun);
  await management.ensure(spec, "ignore");
  const plan: Plan = await management.plan(spec, managed);
  const change: FieldChange | undefined = plan.changes[0];
  same<typeof plan.hasChanges, boolean>(true);
  console.log(ref.projectSlug, ref.workloadSlug, ref.plan.action);
  console.log(change?.field, change?.from, change?.to, change?.effect);
  const gone: boolean = await management.delete("bot", managed);
  const one: Workload = await management.get("bot");
  const all: Workload[] = await management.list(managed);
  const report: WorkloadReport = await management.status("bot");
  console.log(gone, one.modelName.length, one.statusReason?.length, all.length, report.ready, report.replicas[0]?.id);
  const follow: LogOptions = { follow: true, replica: "r", tail: 3, ...managed };
  const lines: LogStream = management.logs("bot", follow);
  for await (const line of lines) {
    same<typeof line, LogLine>(true);
    console.log(line.replicaId, line.timestamp ?? "", line.text);
  }
  const wait: WaitOptions = { timeout: 600, silent: true, onProgress: (event) => console.log(event.phase), ...managed };
  const event: ReadinessEvent = await management.waitUntilReady("bot", wait);
  console.log(event.elapsedMs + (event.bytesDone ?? 0) + (event.bytesTotal ?? 0) + (event.etaMs ?? 0));
  console.log(event.message, event.step, event.stalled, event.cause);
  await management[Symbol.asyncDispose]();
}

async function data(): Promise<void> {
  const settings: DataClientOptions = { baseUrl: "http://a", apiKey: "k", project: "acme", ...limits };
  const client: DataClient = DataClient.fromEnv(settings);
  new DataClient().close();
  const own: EndpointOptions = { apiKey: "k", ...limits };
  const endpoint: Endpoint = client.endpoint("bot", own).withOptions(limits);
  const message: Message = { role: "user", content: [{ type: "text", text: "Hola" }], name: "ana" };
  const request: TextRequest = { messages: [message], temperature: 0.2, maxTokens: 300, seed: 7 };
  const result: TextResult = await endpoint.generateText(request, call);
  const usage: Usage | null = result.usage;
  console.log(result.text, result.model, result.finishReason?.length, usage?.totalTokens, result.raw.anything);
  const stream: TextStream = await endpoint.generateTextStream({ prompt: "Hola", signal: call.signal });
  for await (const chunk of stream) {
    same<typeof chunk, TextChunk>(true);
    console.log(chunk.text, chunk.finishReason, chunk.usage?.promptTokens, chunk.raw.id);
  }
  const next = await stream.next();
  if (!next.done) console.log(next.value.text);
  await stream.return();
  stream.close();
  await stream[Symbol.asyncDispose]();
  const embed: EmbedRequest = { input: ["a"], dimensions: 2 };
  const vectors: EmbedResult = await endpoint.embed(embed, call);
  console.log(vectors.embeddings[0]?.[0]?.toFixed(), await endpoint.embed("a"), await endpoint.embed(["a"] as const));
  const rerank: RerankRequest = { query: "q", documents: ["a"], topN: 1 };
  const ranked: RerankResult = await endpoint.rerank(rerank);
  const best: RerankItem | undefined = ranked.results[0];
  console.log(best?.index, best?.relevanceScore);
  const forecast: ForecastResult = await endpoint.forecast({ series: [] }, call);
  const jobOptions: JobOptions = { context: { a: 1 }, idempotencyKey: "k", contentType: "audio/wav", ...call };
  const job: Job = await endpoint.submitJob("chat", new Uint8Array(1), jobOptions);
  console.log(forecast.raw, (await endpoint.getJob(job.id)).state, job.attempts, job.result, job.raw.job_id);
  const route: RouteOptions = { json: {}, content: "x", contentType: "text/plain", headers: { a: "b" }, ...call };
  const response: Response = await endpoint.request("POST", "/x", route);
  await endpoint.request("POST", "/x", { content: new ArrayBuffer(1), headers: new Map([["a", "b"]]) });
  console.log(response.status, response.headers[0]?.[0], response.content.length, response.text, response.json().a);
  console.log(response.header("a")?.length, endpoint.baseUrl, endpoint.project, endpoint.workloadSlug);
}

function errors(error: unknown): string | undefined {
  const kinds = [
    ApiError, AuthError, CancelledError, ConfigurationError, NetworkError, NotFoundError, PermissionDenied,
    RateLimitError, TimeoutError, ValidationError,
  ];
  if (!(error instanceof InferenceKeyError)) return undefined;
  if (error instanceof RateLimitError) return String(error.retryAfter?.toFixed(1));
  const made: ApiError = new NotFoundError("m", { status: 404, code: "c", requestId: "r", fields: {} });
  const where = `${error.code} ${error.requestId} ${error.fields.prompt}`;
  return `${kinds.length} ${error.name} ${where} ${made.status?.toFixed()}`;
}

function webhooks(headers: Record<string, string | string[] | undefined>): void {
  const event = verifyWebhook(new Uint8Array(1), headers, "whsec_x", 300);
  console.log(event.event, verifyWebhook("{}", new Map([["a", "b"]]), "s"), sdk.Backend.Llamacpp);
}

same<Backend, "ollama" | "vllm" | "vllm-omni" | "sglang" | "llamacpp">(true);
same<OnDrift, "reconcile" | "fail" | "dry_run" | "warn" | "ignore">(true);
console.log(control, data, errors, webhooks);
