"""Reads the embeddings of three texts as JSON and prints how near the first is to the others. Fails when wrong."""

import json
import math
import sys


def cosine(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right)) / math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))


answer = json.load(sys.stdin)
first, second, third = (
    answer["embeddings"] if "embeddings" in answer else [item["embedding"] for item in answer["data"]]
)
near, far = cosine(first, second), cosine(first, third)
print(f"{len(first)} numbers per text; the 1st and the 2nd are {near:.2f} alike, the 1st and the 3rd {far:.2f}")
sys.exit(0 if near > far else 1)
