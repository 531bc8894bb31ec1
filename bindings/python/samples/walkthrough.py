"""From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it.

Set INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: walkthrough.py BACKEND MODEL COMMAND
"""

import sys

from inferencekey import DataClient, ManagementClient, WorkloadSpec

if len(sys.argv) != 4:
    sys.exit("usage: walkthrough.py BACKEND MODEL COMMAND")
backend, model, command = sys.argv[1:]

with ManagementClient.from_env() as management, DataClient.from_env() as data:
    spec = WorkloadSpec(name="walkthrough", slug="walkthrough", model=model, backend=backend, command=command)
    print("plan:", management.plan(spec).action)
    ref = management.ensure(spec)
    management.wait_until_ready(ref.workload_slug)
    endpoint = data.endpoint(ref.workload_slug)
    print("answer:", endpoint.generate_text(prompt="Hola", max_tokens=50).text)
    for chunk in endpoint.generate_text_stream(prompt="Hola", max_tokens=50):
        print(chunk.text, end="", flush=True)
    print()
    print("deleted:", "true" if management.delete(ref.workload_slug) else "false")
