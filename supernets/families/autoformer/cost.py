"""MACs, parameters and peak memory of AutoFormer sub-networks, from their widths, by look-up.

MACs have two counts: the exact one of the deployed network, and the published one, `paper_macs_m`, which equals the
release's `get_complexity(196)` to the integer. They differ: see `_paper_layer` and `_paper_ends`.

With s x s patches a query has 2s + 1 products with relative positions, for every row and column and the class token,
and equally many weights on the value side. Selecting them for each pair costs no MACs, like other sums; `attention.py`
selects them in additional channels of fused attention only for speed.
"""

from __future__ import annotations

from functools import cache

from supernets.families.autoformer.layout import (
    HEAD_WIDTH,
    MAX_DISTANCE,
    RESOLUTION,
    Geometry,
    hidden_width,
    position_channels,
)
from supernets.space.architecture import Architecture
from supernets.space.cost import Cost, Operator, totals
from supernets.space.memory import Execution

_FULL = Geometry()
_SIDE, _PATCH = _FULL.side, _FULL.patch
_PATCHES, _TOKENS = _SIDE**2, _SIDE**2 + 1


def embedding_operators(dim: int) -> list[Operator]:
    """The patch embedding; its parameters include absolute positions and the class token."""
    weights = 3 * _PATCH**2 * dim
    positions = (_TOKENS + 1) * dim
    return [
        Operator(
            operator="patches",
            channels=dim,
            side=_SIDE,
            kernel=_PATCH,
            stride=_PATCH,
            macs=_PATCHES * weights,
            params=weights + dim + positions,
        )
    ]


def layer_operators(dim: int, heads: int, ratio: float) -> list[Operator]:
    """Attention and feed-forward layer; a norm's scale and shift are counted with the linear layer that it feeds."""
    width, hidden, norm = heads * HEAD_WIDTH, hidden_width(dim, ratio), 2 * dim
    relative = 2 * _PATCHES * (2 * _SIDE + 1) * width
    tables = 4 * (2 * MAX_DISTANCE + 2) * HEAD_WIDTH
    return [
        _linear("qkv", dim, 3 * width, norm),
        Operator(
            operator="attention", channels=width, side=_SIDE, macs=2 * _TOKENS**2 * width + relative, params=tables
        ),
        _linear("proj", width, dim),
        _linear("fc1", dim, hidden, norm),
        _linear("fc2", hidden, dim),
    ]


def head_operators(dim: int, classes: int = 1000) -> list[Operator]:
    return [
        Operator(
            operator="classifier",
            channels=classes,
            side=1,
            macs=dim * classes,
            params=dim * classes + classes + 2 * dim,
        )
    ]


def count(a: Architecture) -> Cost:
    """Cost of `a` at full size with 1000 classes."""
    dim = a["embed_dim"]
    macs, params, memory, paper = _ends(dim)
    for heads, ratio in zip(a["num_heads"][: a["depth"]], a["mlp_ratio"], strict=False):
        layer_macs, layer_params, layer_memory, layer_paper = _layer(dim, heads, ratio)
        macs += layer_macs
        params += layer_params
        paper += layer_paper
        if layer_memory > memory:
            memory = layer_memory
    return _cost(macs, params, memory, paper)


def ends(dim: int) -> Cost:
    """Cost of patch embedding and head."""
    return _cost(*_ends(dim))


def attention(dim: int, heads: int) -> Cost:
    """Cost of norm and attention of a layer, with the norm of the feed-forward layer in the published count."""
    macs, params = totals(layer_operators(dim, heads, 0)[:3])
    return _cost(macs, params, attention_memory(dim, heads), _paper_layer(dim, heads, 0))


def feed_forward(dim: int, ratio: float) -> Cost:
    """Cost of norm and feed-forward layer of a layer."""
    macs, params = totals(layer_operators(dim, 0, ratio)[3:])
    paper = _paper_layer(dim, 0, ratio) - _paper_layer(dim, 0, 0)
    return _cost(macs, params, feed_forward_memory(dim, ratio), paper)


def layer_params_m(dim: int, heads: int, ratio: float) -> float:
    return _layer(dim, heads, ratio)[1] / 1e6


def embedding_memory(dim: int) -> int:
    """Peak memory in bytes of the patch embedding: class token and patches are concatenated, then positions added."""
    embedding = Execution(3 * RESOLUTION**2)
    patches = embedding.run(_PATCHES * dim, embedding.INPUT)
    tokens = embedding.run(_TOKENS * dim, patches)
    embedding.run(_TOKENS * dim, tokens)
    return embedding.peak()


def attention_memory(dim: int, heads: int) -> int:
    """Peak memory in bytes of norm, attention and addition, as `attention.py` runs it without fused attention.

    Queries, keys and values are one tensor; copies of them with further channels for relative positions follow.
    """
    width, extra = heads * HEAD_WIDTH, position_channels(HEAD_WIDTH, _SIDE)
    extended = _TOKENS * heads * (HEAD_WIDTH + extra)
    layer = Execution(_TOKENS * dim)
    qkv = layer.run(_TOKENS * 3 * width, layer.run(_TOKENS * dim, layer.INPUT))
    by_row = layer.run(_PATCHES * heads * _SIDE, qkv)
    by_column = layer.run(_PATCHES * heads * (_SIDE + 1), qkv)
    products = layer.run(_PATCHES * heads * (2 * _SIDE + 1), by_row, by_column)
    padded = layer.run(_TOKENS * heads * extra, products)
    q = layer.run(extended, qkv, padded)
    k = layer.run(extended, qkv)
    v = layer.run(extended, qkv)
    y = layer.run(extended, layer.run(_TOKENS**2 * heads, q, k), v)
    rows = layer.run(_PATCHES * width, y)
    columns = layer.run(_PATCHES * width, y)
    positions = layer.run(_TOKENS * width, layer.run(_PATCHES * width, rows, columns))
    y = layer.run(_TOKENS * width, y, positions)
    projected = layer.run(_TOKENS * dim, layer.run(_TOKENS * width, y))
    layer.run(_TOKENS * dim, layer.INPUT, projected)
    return layer.peak()


def feed_forward_memory(dim: int, ratio: float) -> int:
    """Peak memory in bytes of norm, feed-forward layer and addition."""
    layer = Execution(_TOKENS * dim)
    hidden = layer.run(_TOKENS * hidden_width(dim, ratio), layer.run(_TOKENS * dim, layer.INPUT))
    layer.run(_TOKENS * dim, layer.INPUT, layer.run(_TOKENS * dim, hidden))
    return layer.peak()


@cache
def _ends(dim: int) -> tuple[int, int, int, int]:
    macs, params = totals([*embedding_operators(dim), *head_operators(dim)])
    return macs, params, embedding_memory(dim), _paper_ends(dim)


@cache
def _layer(dim: int, heads: int, ratio: float) -> tuple[int, int, int, int]:
    macs, params = totals(layer_operators(dim, heads, ratio))
    memory = max(attention_memory(dim, heads), feed_forward_memory(dim, ratio))
    return macs, params, memory, _paper_layer(dim, heads, ratio)


def _cost(macs: int, params: int, memory: int, paper: int) -> Cost:
    return Cost(macs=macs, params=params, paper_macs_m=paper / 1e6, memory_mb=memory / 1e6)


def _linear(name: str, cin: int, cout: int, norm: int = 0) -> Operator:
    """A linear layer on every token, with bias."""
    return Operator(
        operator=name, channels=cout, side=_SIDE, macs=_TOKENS * cin * cout, params=cin * cout + cout + norm
    )


def _paper_layer(dim: int, heads: int, ratio: float) -> int:
    """A layer by the release's count: one token too many, norms, and another rule for relative positions."""
    tokens, width = _TOKENS + 1, heads * HEAD_WIDTH
    linear = tokens * dim * (4 * width + 2 * hidden_width(dim, ratio))
    attention = 2 * tokens**2 * width
    norms = 2 * tokens * dim
    relative = 2 * MAX_DISTANCE * tokens**2 + (tokens**2 + tokens * width) // 2
    return linear + attention + norms + relative


def _paper_ends(dim: int, classes: int = 1000) -> int:
    """Patch embedding and head by the release's count: the head on every token instead of once."""
    patches = _PATCHES * 3 * _PATCH**2 * dim + dim
    positions = _TOKENS * dim // 2
    return patches + positions + _TOKENS * classes * dim
