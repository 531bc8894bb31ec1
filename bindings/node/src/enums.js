"use strict";
// The words of the wire. A plain string is accepted wherever one of these is.

const Backend = Object.freeze({
  Ollama: "ollama",
  Vllm: "vllm",
  VllmOmni: "vllm-omni",
  Sglang: "sglang",
  Llamacpp: "llamacpp",
});

const TaskType = Object.freeze({
  Text2Text: "text2text",
  Embedding: "embedding",
  Text2Image: "text2image",
  Text2Video: "text2video",
  Text2Audio: "text2audio",
  Image2Image: "image2image",
  Image2Video: "image2video",
  Audio2Text: "audio2text",
  Omni: "omni",
  Reranker: "reranker",
  Classification: "classification",
  Reward: "reward",
  Forecast: "forecast",
});

const ExecutionPolicy = Object.freeze({ Fixed: "fixed", Scheduled: "scheduled", Autoscaling: "autoscaling" });

const OnDrift = Object.freeze({
  Reconcile: "reconcile",
  Fail: "fail",
  DryRun: "dry_run",
  Warn: "warn",
  Ignore: "ignore",
});

module.exports = { Backend, TaskType, ExecutionPolicy, OnDrift };
