"""Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: basic.py [SLUG]"""

import sys

from inferencekey import DataClient

endpoint = DataClient.from_env().endpoint(sys.argv[1] if len(sys.argv) > 1 else "support-bot")
result = endpoint.generate_text(prompt="Hola", temperature=0.2, max_tokens=300)
print(result.text)
