"""Self-attention with relative positions in two dimensions, on keys and on values (after Shaw et al., NAACL 2018).

The position of a key relative to a query has the embedding `vertical[rows apart] + horizontal[columns apart]`; a pair
with the class token has `vertical[0] + horizontal[0]`. Notable: the embeddings of all pairs are never stored. On a grid
of s x s patches a query has s row and s column embeddings, so its products with them are s + s + 1 numbers, and the row
and column of a key select two of them. Queries have these numbers and keys have the selection as extra channels, so
that attention itself adds the bias. For values, the same extra channels sum the attention to each row and column, which
then weights their embeddings. What depends on weights alone can be computed once, before a network with fixed weights
is run.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from supernets.families.autoformer.layout import MAX_DISTANCE, position_channels


class Projections(nn.Module):
    """Queries, keys and values from tokens `(N, tokens, dim)`, each `(N, heads, tokens, head width)`."""

    def __init__(self, dim: int, heads: int, head_width: int) -> None:
        super().__init__()
        self.heads = heads
        # One tensor for three matrices, because the supernet interleaves their rows and so slices them without a copy.
        self.weight = nn.Parameter(torch.empty(3, heads * head_width, dim))
        self.bias = nn.Parameter(torch.empty(3 * heads * head_width))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        projected = F.linear(x, self.weight.flatten(0, 1), self.bias)
        q, k, v = torch.unflatten(projected, 2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return q, k, v


class RelativePositions(nn.Module):
    """Embeddings of distances: entry 0 for pairs with the class token, then -14 to 14 rows (`v`) or columns (`h`)."""

    def __init__(self, head_width: int) -> None:
        super().__init__()
        self.embeddings_table_v = nn.Parameter(torch.empty(2 * MAX_DISTANCE + 2, head_width))
        self.embeddings_table_h = nn.Parameter(torch.empty(2 * MAX_DISTANCE + 2, head_width))

    def forward(self, side: int) -> tuple[Tensor, Tensor]:
        """Embeddings by row of query and key, and by column of query and key with the class token as another key."""
        positions = torch.arange(side, device=self.embeddings_table_v.device)
        distances = (positions - positions[:, None]).clamp(-MAX_DISTANCE, MAX_DISTANCE) + MAX_DISTANCE + 1
        vertical, horizontal = self.embeddings_table_v, self.embeddings_table_h
        outside = (vertical[0] + horizontal[0]).expand(side, 1, -1)
        return vertical[distances], torch.cat((horizontal[distances], outside), 1)


class Attention(nn.Module):
    """Multi-head self-attention over a class token and a grid of `side` x `side` patches: `(N, tokens, dim)`."""

    def __init__(self, dim: int, heads: int, head_width: int, side: int) -> None:
        super().__init__()
        self.head_width, self.side = head_width, side
        self.qkv: nn.Module = Projections(dim, heads, head_width)
        self.rel_pos_embed_k = RelativePositions(head_width)
        self.rel_pos_embed_v = RelativePositions(head_width)
        self.proj = nn.Linear(heads * head_width, dim)
        self._kept: tuple[Tensor, ...] | None = None

    def keep_constants(self) -> None:
        """Compute once what depends on the weights alone; they and their precision must not change afterwards."""
        with torch.no_grad():
            self._kept = self._constants()

    def _constants(self) -> tuple[Tensor, ...]:
        """One-hot positions of all tokens, then the embeddings of rows and of columns, of keys and of values."""
        keys, values = self.rel_pos_embed_k(self.side), self.rel_pos_embed_v(self.side)
        return _positions(self.side, position_channels(self.head_width, self.side), keys[0]), *keys, *values

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x)
        positions, key_rows, key_columns, value_rows, value_columns = self._kept or self._constants()
        products = self._key_products(q, key_rows, key_columns)
        y = _attend(
            torch.cat((q, products), 3), _extended(k, positions), _extended(v, positions), self.head_width**-0.5
        )
        y = y[..., : self.head_width] + self._value_positions(y[..., self.head_width :], value_rows, value_columns)
        return cast(Tensor, self.proj(y.transpose(1, 2).flatten(2)))

    def _key_products(self, q: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """Products of each query with the embeddings of every row, of every column and of the class token.

        Those of the class token's own query are all equal, which is the same as zero for a softmax.
        """
        q = torch.unflatten(q[:, :, 1:], 2, (self.side, self.side))
        by_row = torch.einsum("nhyxd,yzd->nhyxz", q, rows)
        by_column = torch.einsum("nhyxd,xzd->nhyxz", q, columns)
        products = torch.cat((by_row, by_column), 4).flatten(2, 3)
        return F.pad(products, (0, position_channels(self.head_width, self.side) - products.shape[3], 1, 0))

    def _value_positions(self, attention: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """The embeddings weighted with the attention to every row, to every column and to the class token."""
        side = self.side
        patches = torch.unflatten(attention[:, :, 1:], 2, (side, side))
        y = torch.einsum("nhyxz,yzd->nhyxd", patches[..., :side], rows)
        y = y + torch.einsum("nhyxz,xzd->nhyxd", patches[..., side : 2 * side + 1], columns)
        # The class token has the same embedding for every key.
        same = columns[0, -1].expand(*y.shape[:2], 1, -1)
        return torch.cat((same, y.flatten(2, 3)), 2)


def _attend(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    """Attention over all keys, `(N, heads, tokens, channels)` each."""
    if q.device.type == "cpu":
        # Fused attention takes 1.4 (float32) to 2.7 times (bfloat16) as long on a CPU.
        return (q * scale @ k.transpose(2, 3)).softmax(3) @ v
    return F.scaled_dot_product_attention(q, k, v, scale=scale)


def _positions(side: int, channels: int, like: Tensor) -> Tensor:
    """One-hot rows and columns of all tokens, with another channel for the class token: `(tokens, channels)`."""
    each = torch.eye(side, device=like.device, dtype=like.dtype)
    patches = torch.cat((each.repeat_interleave(side, 0), each.repeat(side, 1)), 1)
    positions = F.pad(patches, (0, channels - 2 * side, 1, 0))
    positions[:1, 2 * side : 2 * side + 1] = 1  # A slice, because one element would be copied from the host.
    return positions


def _extended(x: Tensor, positions: Tensor) -> Tensor:
    return torch.cat((x, positions.expand(*x.shape[:2], -1, -1)), 3)
