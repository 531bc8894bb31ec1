"use strict";
// Options and specs in the words of the wire.

/** Seconds in whole milliseconds. */
function milliseconds(seconds) {
  return seconds === undefined || seconds === null ? undefined : Math.max(0, Math.round(seconds * 1000));
}

/** The options of the library, or undefined where none is given. */
function options(given) {
  if (!given) return undefined;
  const { maxRetries, connectTimeout, requestTimeout, streamIdleTimeout } = given;
  if ((maxRetries ?? connectTimeout ?? requestTimeout ?? streamIdleTimeout) === undefined) return undefined;
  return {
    max_retries: maxRetries,
    connect_timeout_ms: milliseconds(connectTimeout),
    request_timeout_ms: milliseconds(requestTimeout),
    stream_idle_timeout_ms: milliseconds(streamIdleTimeout),
  };
}

const specNames = {
  vllmVersion: "vllm_version",
  taskType: "task_type",
  executionPolicy: "execution_policy",
  executionPolicyConfig: "execution_policy_config",
  workerId: "worker_id",
  gpuResourceId: "gpu_resource_id",
};

/** The declared fields; one that the library does not know goes along, and is refused there by its name. */
function spec(given) {
  const declared = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    if (name !== "onDrift" && value !== undefined && value !== null) declared[specNames[name] ?? name] = value;
  }
  return declared;
}

module.exports = { milliseconds, options, spec };
