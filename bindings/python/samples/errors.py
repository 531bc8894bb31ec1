"""Provokes errors and tells what each holds. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT."""

from inferencekey import DataClient, InferenceKeyError, NetworkError, NotFoundError, ValidationError

client = DataClient.from_env(max_retries=0)
try:
    client.endpoint("support-bot").generate_text(prompt=" ")
except ValidationError as error:
    print(f"{type(error).__name__}: {error} (fields: {dict(error.fields)})")

try:
    client.endpoint("nobody-knows-it").generate_text(prompt="Hola")
except NotFoundError as error:
    print(f"{type(error).__name__}: {error} (code {error.code}, request {error.request_id})")
except InferenceKeyError as error:
    print(f"{type(error).__name__}: {error}")

try:
    DataClient.from_env(base_url="http://127.0.0.1:9", max_retries=0).endpoint("support-bot").generate_text(prompt="Hola")
except NetworkError as error:
    print(f"{type(error).__name__}: {error}")
