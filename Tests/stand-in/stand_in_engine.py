#!/usr/bin/env python3
"""The stand-in engine: speaks like vLLM, SGLang, Ollama or llama-server, and fails on command. See README.md.

Usage: stand_in_engine.py ENGINE ARGUMENT…   where ENGINE is vllm, sglang, ollama or llama-server.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from stand_in.life import run  # noqa: E402

if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
