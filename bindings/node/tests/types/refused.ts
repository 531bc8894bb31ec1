// What must not compile; compiled, never run.
import { Backend, DataClient, Endpoint, ManagementClient, TextStream } from "@inferencekey/sdk";

declare const management: ManagementClient;
declare const data: DataClient;
declare const endpoint: Endpoint;

// No inference on the control plane, no provisioning on the data plane.
// @ts-expect-error
management.generateText({ prompt: "Hola" });
// @ts-expect-error
management.endpoint("bot");
// @ts-expect-error
data.ensure({ name: "b", slug: "b", model: "m", backend: Backend.Vllm });
// @ts-expect-error
data.waitUntilReady("bot");

// Each client takes its own kind of credential.
// @ts-expect-error
new ManagementClient({ apiKey: "ik_live_x" });
// @ts-expect-error
new DataClient({ sdkToken: "ik_sdk_x" });
// @ts-expect-error
ManagementClient.fromEnv({ base_url: "http://a" });

// A spec is complete and has no other members.
// @ts-expect-error
management.ensure({ name: "b", slug: "b", model: "m" });
// @ts-expect-error
management.ensure({ name: "b", slug: "b", model: "m", backend: "vllm", provider: "x" });
// @ts-expect-error
management.ensure({ name: "b", slug: "b", model: "m", backend: "vllm", min_vram_gb: 8 });
// @ts-expect-error
management.waitUntilReady("bot", { timeout: "600" });
// @ts-expect-error
management.waitUntilReady("bot", { onProgress: (event: string) => event });

// Arguments have their types although further fields are allowed.
// @ts-expect-error
endpoint.generateText();
// @ts-expect-error
endpoint.generateText({ prompt: 7 });
// @ts-expect-error
endpoint.generateText({ prompt: "Hola", temperature: "hot" });
// @ts-expect-error
endpoint.embed({ input: [1] });
// @ts-expect-error
endpoint.rerank({ query: "q" });
// @ts-expect-error
endpoint.request("GET");

// Results do not change, and a stream is waited for.
// @ts-expect-error
endpoint.generateText({ prompt: "Hola" }).then((result) => (result.text = "x"));
// @ts-expect-error
async () => { for await (const chunk of endpoint.generateTextStream({ prompt: "Hola" })) console.log(chunk); };
// @ts-expect-error
endpoint.workloadSlug = "x";

// These are made by the clients.
// @ts-expect-error
new Endpoint();
// @ts-expect-error
new TextStream();
