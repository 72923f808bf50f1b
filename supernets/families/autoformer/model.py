"""The AutoFormer weight-sharing network: every sub-network of the space as slices of one set of weights.

Elastic are the number of layers (the first ones run), the width of the tokens (first channels), and in each layer the
heads and the hidden channels (Chen et al., ICCV 2021). Notable: the rows of the supernet's query, key and
value weights are interleaved (row 3j belongs to query channel j), so that the weights of all three are slices of the
first rows; the biases are not interleaved, as in the release. Parameters have the released names.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import torch
from torch import Tensor, nn

from supernets.families.autoformer.attention import Attention, RelativePositions
from supernets.families.autoformer.layout import Geometry, hidden_width
from supernets.families.autoformer.space import AutoFormerSpace
from supernets.network.layers import prefixed
from supernets.network.supernet import Step, Supernet
from supernets.space.architecture import Architecture


class PatchEmbedding(nn.Module):
    """Images `(N, 3, pixels, pixels)` to tokens `(N, patches, dim)`, row by row."""

    def __init__(self, dim: int, patch: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.proj(x)).flatten(2).transpose(1, 2)


class Embedding(nn.Module):
    """Patches and the class token, with their absolute positions."""

    def __init__(self, dim: int, geometry: Geometry) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.empty(1, geometry.side**2 + 1, dim))
        self.cls_token = nn.Parameter(torch.empty(1, 1, dim))
        self.patch_embed_super = PatchEmbedding(dim, geometry.patch)

    def forward(self, x: Tensor) -> Tensor:
        patches = self.patch_embed_super(x)
        return torch.cat((self.cls_token.expand(len(x), -1, -1), patches), 1) + self.pos_embed


class Layer(nn.Module):
    """Attention and a feed-forward layer, each after a norm and added to its input."""

    def __init__(self, dim: int, heads: int, hidden: int, geometry: Geometry) -> None:
        super().__init__()
        self.attn_layer_norm = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads, geometry.head_width, geometry.side)
        self.ffn_layer_norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.attn_layer_norm(x))
        hidden = nn.functional.gelu(self.fc1(self.ffn_layer_norm(x)))
        return x + cast(Tensor, self.fc2(hidden))


class ElasticLayer(Layer):
    """A layer of the largest size, with query, key and value weights as they are released."""

    def __init__(self, dim: int, heads: int, hidden: int, geometry: Geometry) -> None:
        super().__init__(dim, heads, hidden, geometry)
        self.geometry = geometry
        self.attn.qkv = nn.Linear(dim, 3 * heads * geometry.head_width)

    def step(self, position: int, dim: int, heads: int, ratio: float) -> Step:
        hidden = hidden_width(dim, ratio)
        return Step(
            (position, heads, ratio), _template(dim, heads, hidden, self.geometry), self._state(dim, heads, hidden)
        )

    def _state(self, dim: int, heads: int, hidden: int) -> dict[str, Tensor]:
        attn, width = self.attn, heads * self.geometry.head_width
        assert isinstance(attn.qkv, nn.Linear)
        return {
            **prefixed("attn_layer_norm", sliced_norm(self.attn_layer_norm, dim)),
            "attn.qkv.weight": torch.unflatten(attn.qkv.weight[: 3 * width, :dim], 0, (width, 3)).transpose(0, 1),
            "attn.qkv.bias": attn.qkv.bias[: 3 * width],
            **prefixed("attn.rel_pos_embed_k", dict(attn.rel_pos_embed_k.named_parameters())),
            **prefixed("attn.rel_pos_embed_v", dict(attn.rel_pos_embed_v.named_parameters())),
            **prefixed("attn.proj", sliced_linear(attn.proj, dim, width)),
            **prefixed("ffn_layer_norm", sliced_norm(self.ffn_layer_norm, dim)),
            **prefixed("fc1", sliced_linear(self.fc1, hidden, dim)),
            **prefixed("fc2", sliced_linear(self.fc2, dim, hidden)),
        }


@cache
def _template(dim: int, heads: int, hidden: int, geometry: Geometry) -> Layer:
    with torch.device("meta"):
        return Layer(dim, heads, hidden, geometry)


class Head(nn.Module):
    """Norm, mean over the patches without the class token, classifier."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.head(self.norm(x)[:, 1:].mean(1)))


class AutoFormerSupernet(Supernet):
    """All AutoFormer sub-networks of one layout; a pocket version is the same with a smaller geometry."""

    def __init__(self, space: AutoFormerSpace, geometry: Geometry, classes: int = 1000) -> None:
        super().__init__()
        self.space: AutoFormerSpace = space
        self.geometry = geometry
        layout, dim = space.layout, geometry.dim(space.layout.super_dim)
        embedding, head = Embedding(dim, geometry), Head(dim, classes)
        self.pos_embed, self.cls_token = embedding.pos_embed, embedding.cls_token
        self.patch_embed_super = embedding.patch_embed_super
        self.blocks = nn.ModuleList(
            ElasticLayer(dim, layout.super_heads, hidden_width(dim, layout.mlp_ratios[-1]), geometry)
            for _ in range(layout.layers)
        )
        self.norm, self.head = head.norm, head.head
        _initialise(self)

    def path(self, a: Architecture) -> list[Step]:
        """Steps of `a`: the tokens, one for each layer, head."""
        embed_dim, dim = a["embed_dim"], self.geometry.dim(a["embed_dim"])
        embedding, head = _ends(dim, self.head.out_features, self.geometry)
        steps = [Step(("embed", embed_dim), embedding, self._embedding_state(dim))]
        for i in range(a["depth"]):
            layer = self.blocks[i]
            assert isinstance(layer, ElasticLayer)
            steps.append(layer.step(i, dim, a["num_heads"][i], a["mlp_ratio"][i]))
        steps.append(Step("head", head, self._head_state(dim)))
        return steps

    def _embedding_state(self, dim: int) -> dict[str, Tensor]:
        proj = self.patch_embed_super.proj
        assert proj.bias is not None
        return {
            "pos_embed": self.pos_embed[..., :dim],
            "cls_token": self.cls_token[..., :dim],
            "patch_embed_super.proj.weight": proj.weight[:dim],
            "patch_embed_super.proj.bias": proj.bias[:dim],
        }

    def _head_state(self, dim: int) -> dict[str, Tensor]:
        return {
            **prefixed("norm", sliced_norm(self.norm, dim)),
            **prefixed("head", sliced_linear(self.head, self.head.out_features, dim)),
        }


@cache
def _ends(dim: int, classes: int, geometry: Geometry) -> tuple[Embedding, Head]:
    """Templates of the embedding and the head."""
    with torch.device("meta"):
        return Embedding(dim, geometry), Head(dim, classes)


def sliced_norm(norm: nn.LayerNorm, dim: int) -> dict[str, Tensor]:
    """A layer norm's scale and shift of the first `dim` channels, as views."""
    return {"weight": norm.weight[:dim], "bias": norm.bias[:dim]}


def sliced_linear(linear: nn.Linear, out: int, cin: int) -> dict[str, Tensor]:
    """The first `out` rows over the first `cin` inputs, as views."""
    return {"weight": linear.weight[:out, :cin], "bias": linear.bias[:out]}


def _initialise(net: AutoFormerSupernet) -> None:
    """Weights as vision transformers start: narrow normal distributions, no bias."""
    tables = [table for m in net.modules() if isinstance(m, RelativePositions) for table in m.parameters()]
    linears = [m for m in net.modules() if isinstance(m, nn.Linear)]
    for tensor in (net.pos_embed, net.cls_token, *tables, *(linear.weight for linear in linears)):
        nn.init.trunc_normal_(tensor, std=0.02)
    for linear in linears:
        nn.init.zeros_(linear.bias)
