// The same types for an ES module.
import { DataClient, OnDrift, TimeoutError } from "@inferencekey/sdk";

const text = await DataClient.fromEnv().endpoint("bot").generateText({ prompt: "Hola" });
console.log(text.text, OnDrift.Warn, TimeoutError.name);
