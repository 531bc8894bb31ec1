// Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: node basic.mjs [SLUG]
import { DataClient } from "@inferencekey/sdk";

const endpoint = DataClient.fromEnv().endpoint(process.argv[2] ?? "support-bot");
const result = await endpoint.generateText({ prompt: "Hola", temperature: 0.2, maxTokens: 300 });
console.log(result.text);
