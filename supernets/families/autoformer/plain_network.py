"""A vision transformer with relative positions in two dimensions, of fixed shape, in plain PyTorch.

`supernets/export` copies this file's code into the `model.py` of an export, so it imports nothing else.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class PatchEmbedding(nn.Module):
    """Images `(N, 3, pixels, pixels)` to tokens `(N, patches, dim)`, row by row."""

    def __init__(self, dim: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x: Tensor) -> Tensor:
        patches: Tensor = self.proj(x)
        return patches.flatten(2).transpose(1, 2)


class Embedding(nn.Module):
    """The class token and the patches, each plus the embedding of its position."""

    def __init__(self, dim: int, patch: int, side: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, side**2 + 1, dim))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.patch_embed_super = PatchEmbedding(dim, patch)

    def forward(self, x: Tensor) -> Tensor:
        patches = self.patch_embed_super(x)
        return torch.cat((self.cls_token.expand(patches.shape[0], -1, -1), patches), 1) + self.pos_embed


class RelativePositions(nn.Module):
    """An embedding for each pair of tokens, `(tokens, tokens, head width)`: the sum of one for the rows between them
    and one for the columns between them; entry 0 of both tables is for pairs with the class token."""

    rows: Tensor
    columns: Tensor

    def __init__(self, head_width: int, side: int, max_distance: int = 14) -> None:
        super().__init__()
        self.embeddings_table_v = nn.Parameter(torch.zeros(2 * max_distance + 2, head_width))
        self.embeddings_table_h = nn.Parameter(torch.zeros(2 * max_distance + 2, head_width))
        place = torch.arange(side)
        distance = (place - place[:, None]).clamp(-max_distance, max_distance) + max_distance + 1
        # From a distance for each pair of rows (columns) to one for each pair of patches, then around it zeros.
        rows = distance.repeat_interleave(side, 0).repeat_interleave(side, 1)
        columns = distance.repeat(side, side)
        self.register_buffer("rows", nn.functional.pad(rows, (1, 0, 1, 0)), persistent=False)
        self.register_buffer("columns", nn.functional.pad(columns, (1, 0, 1, 0)), persistent=False)

    def forward(self) -> Tensor:
        return self.embeddings_table_v[self.rows] + self.embeddings_table_h[self.columns]


class Attention(nn.Module):
    """Multi-head self-attention, with relative positions on keys and on values (Shaw et al., NAACL 2018)."""

    def __init__(self, dim: int, heads: int, head_width: int, side: int) -> None:
        super().__init__()
        self.heads, self.head_width = heads, head_width
        self.qkv = nn.Linear(dim, 3 * heads * head_width)
        self.rel_pos_embed_k = RelativePositions(head_width, side)
        self.rel_pos_embed_v = RelativePositions(head_width, side)
        self.proj = nn.Linear(heads * head_width, dim)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        q, k, v = self.qkv(x).view(batch, tokens, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(2, 3) + torch.einsum("nhqd,qkd->nhqk", q, self.rel_pos_embed_k())
        attention = (scores * self.head_width**-0.5).softmax(3)
        y = attention @ v + torch.einsum("nhqk,qkd->nhqd", attention, self.rel_pos_embed_v())
        out: Tensor = self.proj(y.transpose(1, 2).flatten(2))
        return out


class Layer(nn.Module):
    """Attention and a feed-forward network, each after a norm and added to its input."""

    def __init__(self, dim: int, heads: int, head_width: int, hidden: int, side: int) -> None:
        super().__init__()
        self.attn_layer_norm = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads, head_width, side)
        self.ffn_layer_norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.attn_layer_norm(x))
        y: Tensor = self.fc2(nn.functional.gelu(self.fc1(self.ffn_layer_norm(x))))
        return x + y


class Head(nn.Module):
    """Norm, mean over the patches without the class token, classifier."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.norm(x)[:, 1:].mean(1))
        return logits


class Network(nn.Module):
    """Logits `(N, classes)` of normalised images `(N, 3, side * patch, side * patch)`."""

    def __init__(
        self, dim: int, patch: int, side: int, head_width: int, blocks: list[dict[str, Any]], classes: int
    ) -> None:
        super().__init__()
        self.stem = Embedding(dim, patch, side)
        self.blocks = nn.Sequential(*(Layer(dim, head_width=head_width, side=side, **block) for block in blocks))
        self.head = Head(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.blocks(self.stem(x)))
        return logits
