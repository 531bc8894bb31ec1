"""Writes a tiny real Llama GGUF with random weights. Usage: tiny_gguf.py FILE. Needs gguf, numpy and tokenizers."""

import sys

import gguf
import numpy

import word_tokenizer

WIDTH, FEED_FORWARD, LAYERS, HEADS, KEY_HEADS, HEAD_WIDTH, CONTEXT = 64, 128, 2, 4, 2, 16, 1024


def main(path: str) -> None:
    tokenizer = word_tokenizer.train()
    tokens, merges = word_tokenizer.vocabulary(tokenizer)
    writer = gguf.GGUFWriter(path, "llama")
    describe(writer, tokens, merges)
    random = numpy.random.default_rng(0)

    def put(name: str, *shape: int, spread: float = 0.05) -> None:
        writer.add_tensor(name, random.normal(0, spread, shape).astype(numpy.float32))

    def put_ones(name: str) -> None:
        writer.add_tensor(name, numpy.ones(WIDTH, numpy.float32))

    # Random rows for whole words, zero for all else: nonsense, but readable, and never half a character.
    output = numpy.zeros((len(tokens), WIDTH), numpy.float32)
    for index in word_tokenizer.words(tokenizer):
        output[index] = random.normal(0, 0.6, WIDTH)
    writer.add_tensor("output.weight", output)
    put("token_embd.weight", len(tokens), WIDTH, spread=0.6)
    put_ones("output_norm.weight")
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        put_ones(block + "attn_norm.weight")
        put_ones(block + "ffn_norm.weight")
        put(block + "attn_q.weight", HEADS * HEAD_WIDTH, WIDTH)
        put(block + "attn_k.weight", KEY_HEADS * HEAD_WIDTH, WIDTH)
        put(block + "attn_v.weight", KEY_HEADS * HEAD_WIDTH, WIDTH)
        put(block + "attn_output.weight", WIDTH, HEADS * HEAD_WIDTH)
        put(block + "ffn_gate.weight", FEED_FORWARD, WIDTH)
        put(block + "ffn_up.weight", FEED_FORWARD, WIDTH)
        put(block + "ffn_down.weight", WIDTH, FEED_FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def describe(writer: gguf.GGUFWriter, tokens: list[str], merges: list[str]) -> None:
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in word_tokenizer.SPECIAL else normal for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(word_tokenizer.BEGIN))
    writer.add_eos_token_id(tokens.index(word_tokenizer.END))
    writer.add_pad_token_id(tokens.index(word_tokenizer.PAD))
    writer.add_chat_template(word_tokenizer.CHAT_TEMPLATE)


main(sys.argv[1])
