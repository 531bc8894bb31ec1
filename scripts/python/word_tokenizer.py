"""The tokenizer of both tiny models: a byte-level BPE that knows a few hundred plain English words."""

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

BEGIN, END, PAD = "<s>", "</s>", "<pad>"
SPECIAL = [BEGIN, END, PAD]
CHAT_TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"

_TEXT = """
A model that is served answers over the network, and the one who asks does not see which machine gave the answer.
You say what should run and the platform makes it so: it looks for room, starts the engine, waits until the weights are
loaded, and only then sends the first request. When a machine is lost another takes its place; when nobody asks, the
engine may rest. The quick brown fox jumps over the lazy dog while the sun goes down behind the hills and the river runs
slowly to the sea. Every small word of this text was chosen only because it is a word: people, water, green, light,
morning, evening, window, garden, summer, winter, bread, music, paper, stone, bridge, letter, answer, question, number,
story, friend, travel, silver, golden, gentle, simple, happy, always, never, under, between, together, without, perhaps.
"""


def train() -> Tokenizer:
    """A tokenizer that can encode any text. The same one every time."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=768,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([_TEXT] * 4, trainer)
    return tokenizer


def vocabulary(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """The tokens in the order of their ids, and the merges as `left right`."""
    bpe = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get)
    return tokens, [merge if isinstance(merge, str) else " ".join(merge) for merge in bpe["merges"]]


def words(tokenizer: Tokenizer) -> list[int]:
    """The ids of tokens that are whole words with a space before them: what a model of random weights may say."""
    tokens, _ = vocabulary(tokenizer)
    known = {word.strip(".,:;").lower() for word in _TEXT.split()}
    return [index for index, token in enumerate(tokens) if token.startswith("Ġ") and token[1:] in known]
