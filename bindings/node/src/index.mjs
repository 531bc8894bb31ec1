// The same package for `import`.
import sdk from "./index.js";

export const {
  ApiError,
  AuthError,
  Backend,
  CancelledError,
  ConfigurationError,
  DataClient,
  Endpoint,
  ExecutionPolicy,
  InferenceKeyError,
  LogStream,
  ManagementClient,
  NetworkError,
  NotFoundError,
  OnDrift,
  PermissionDenied,
  RateLimitError,
  TaskType,
  TextStream,
  TimeoutError,
  ValidationError,
  verifyWebhook,
} = sdk;
