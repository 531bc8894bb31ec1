"""Writes a tiny real Llama checkpoint with random weights. Usage: tiny_llama.py FOLDER. Needs torch, transformers."""

import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

import word_tokenizer


def main(folder: str) -> None:
    tokenizer = word_tokenizer.train()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=word_tokenizer.BEGIN,
        eos_token=word_tokenizer.END,
        pad_token=word_tokenizer.PAD,
    )
    fast.chat_template = word_tokenizer.CHAT_TEMPLATE
    fast.save_pretrained(folder)

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=1024,
        bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        # Random rows for whole words, zero for all else: nonsense, but readable, and never half a character.
        model.lm_head.weight.zero_()
        for index in [*word_tokenizer.words(tokenizer)]:
            model.lm_head.weight[index].normal_(0, 0.6)
        model.model.embed_tokens.weight.normal_(0, 0.6)
    model.save_pretrained(folder)


main(sys.argv[1])
