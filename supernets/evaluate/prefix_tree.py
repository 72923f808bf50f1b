"""Many sub-networks as one tree: paths that begin with equal keys share modules, statistics and activations.

Notable: a walk goes depth-first with a stack, so that an activation is freed after its last use, and the number of live
activations is at most the number of branchings above the current node. Two steps with equal keys after different
prefixes are different nodes, because their batch-norm statistics differ. Knows no images, labels or precision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from supernets.network.supernet import Step


@dataclass
class TreeNode:
    """One step after one prefix. `ends` are the indices of the paths whose last step it is."""

    module: nn.Module
    children: dict[Hashable, TreeNode] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)


class PrefixTree:
    """The tree of several paths for inputs of one size; each node has an independent module of its own."""

    def __init__(self, paths: Sequence[Sequence[Step]]) -> None:
        self._roots: dict[Hashable, TreeNode] = {}
        for index, path in enumerate(paths):
            node = _descend(self._roots, path)
            node.ends.append(index)

    def nodes(self) -> Iterator[TreeNode]:
        waiting = list(self._roots.values())
        while waiting:
            node = waiting.pop()
            waiting.extend(node.children.values())
            yield node

    def modules(self) -> list[nn.Module]:
        return [node.module for node in self.nodes()]

    def replace(self, change: Callable[[nn.Module], nn.Module]) -> None:
        """Replace every module by `change(module)`."""
        for node in self.nodes():
            node.module = change(node.module)

    def without(self, paths: Collection[int]) -> PrefixTree:
        """The tree of the remaining paths, which keep their indices and share their modules with this tree."""
        pruned = PrefixTree(())
        pruned._roots = _without(self._roots, paths)
        return pruned

    def walk(self, x: Tensor) -> Iterator[tuple[list[int], Tensor]]:
        """The outputs of all paths for one batch, each with the indices of its paths, as soon as they are computed."""
        waiting = [(node, x) for node in self._roots.values()]
        del x
        while waiting:
            node, given = waiting.pop()
            y = node.module(given)
            del given
            if node.ends:
                yield node.ends, y
            waiting.extend((child, y) for child in node.children.values())
            del y


def _descend(roots: dict[Hashable, TreeNode], path: Sequence[Step]) -> TreeNode:
    """The last node of `path`; missing nodes are added."""
    siblings = roots
    for step in path:
        if step.key not in siblings:
            siblings[step.key] = TreeNode(step.extract())
        node = siblings[step.key]
        siblings = node.children
    return node


def _without(siblings: dict[Hashable, TreeNode], paths: Collection[int]) -> dict[Hashable, TreeNode]:
    kept: dict[Hashable, TreeNode] = {}
    for key, node in siblings.items():
        ends = [index for index in node.ends if index not in paths]
        children = _without(node.children, paths)
        if ends or children:
            kept[key] = TreeNode(node.module, children, ends)
    return kept
