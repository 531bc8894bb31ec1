"""Generates a text piece by piece. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: streaming.py [SLUG]"""

import sys

from inferencekey import DataClient

endpoint = DataClient.from_env().endpoint(sys.argv[1] if len(sys.argv) > 1 else "support-bot")
for chunk in endpoint.generate_text_stream(prompt="Count to five"):
    print(chunk.text, end="", flush=True)
print()
