"""Heads of model files as GGUF writers make them, and damaged ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from agents.models.local.gguf import context_length


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def pair(key: bytes, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


NAME = pair(b"general.architecture", 8, text(b"qwen2"))
LANGUAGES = pair(b"general.languages", 9, struct.pack("<IQ", 8, 2) + text(b"en") + text(b"fr"))
TEMPLATE = pair(b"tokenizer.chat_template", 8, text(b"x" * 100_000))
FRACTION = pair(b"qwen2.rope.freq_base", 6, struct.pack("<f", 1e6))
CONTEXT = pair(b"qwen2.context_length", 4, struct.pack("<I", 32_768))
VOCABULARY = pair(b"tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 150_000))


def gguf(*pairs: bytes, version: int = 3) -> bytes:
    return struct.pack("<4sIQQ", b"GGUF", version, 272, len(pairs)) + b"".join(pairs)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (gguf(NAME, LANGUAGES, TEMPLATE, FRACTION, CONTEXT, VOCABULARY), 32_768),
        (gguf(NAME, FRACTION, VOCABULARY, CONTEXT), None),
        (gguf(NAME), None),
        (gguf(CONTEXT, version=1), None),
        (gguf(NAME, CONTEXT)[:-2], None),
        (gguf(pair(b"unknown", 77, b"")), None),
        (b"GGUF", None),
    ],
    ids=["usual", "late", "absent", "old", "cut", "unknown type", "empty"],
)
def test_the_context_is_read_or_unknown(tmp_path: Path, content: bytes, expected: int | None) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    assert context_length(file) == expected


def test_a_file_that_cannot_be_read_has_no_known_context(tmp_path: Path) -> None:
    assert context_length(tmp_path / "absent.gguf") is None
