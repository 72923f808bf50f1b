from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from supernets.evaluate.protocol import (
    OwnProtocol,
    PredictedProtocol,
    Protocol,
    ProtocolMismatch,
    SupernetProtocol,
    TableProtocol,
    read_protocol,
)

SUPERNET = SupernetProtocol(
    supernet="ofa", search_images=10_000, report_images=50_000, weights="w", images="ImageNet",
    image_hashes=("a", "b", "c"), calibrate_images=500, resolution="r", crop=0.875, interpolation="bilinear",
    decoder="pillow-11", channels="RGB", mean=(0.1, 0.2, 0.3), std=(1.0, 1.0, 1.0), dtype="float32", device="cpu",
    calibration="none",
)  # fmt: skip
TABLE = TableProtocol(
    supernet="nasbench201", search_images=25_000, report_images=10_000, table="t", dataset="CIFAR-10", epochs=200,
    search="validation", report="test", error="images",
)  # fmt: skip
PREDICTED = PredictedProtocol("ofa-predicted", 50_000, 50_000, "hash", 1_462)
OWN = OwnProtocol(supernet="spos", search_images=1_000, report_images=2_000, how="on a board, in int8")


@pytest.mark.parametrize("protocol", [SUPERNET, TABLE, PREDICTED, OWN])
def test_a_stored_protocol_is_read_again(protocol: Protocol) -> None:
    stored = protocol.to_dict()
    assert read_protocol(stored) == protocol
    assert read_protocol(stored).id == protocol.id
    protocol.require_same(stored)


def test_ids_do_not_change_between_versions() -> None:
    assert [protocol.id for protocol in (SUPERNET, TABLE, PREDICTED)] == [
        "903dc691b84a",
        "414d6f1dc5a8",
        "14e2f2f9e443",
    ]


@pytest.mark.parametrize("name", [field.name for field in fields(SUPERNET)])
def test_every_field_decides_the_id_and_is_named_when_it_differs(name: str) -> None:
    values: dict[str, Any] = SUPERNET.to_dict()
    value = values[name]
    other = [*value[:-1], "other"] if isinstance(value, list) else "other" if isinstance(value, str) else value + 1
    changed = read_protocol({**values, name: other})
    assert changed.id != SUPERNET.id
    assert [text.partition(":")[0] for text in SUPERNET.differences(changed.to_dict())] == [name]
    with pytest.raises(
        ProtocolMismatch,
        match=rf"cannot be mixed; {name}: .* there, .* here.*start a new run",
    ):
        SUPERNET.require_same(changed.to_dict())


def test_protocols_of_different_kinds_differ_in_what_only_one_has() -> None:
    assert "epochs: 200 there, nothing here" in SUPERNET.differences(TABLE.to_dict())
    assert "epochs: nothing there, 200 here" in TABLE.differences(SUPERNET.to_dict())


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(
        ProtocolMismatch, match="unknown evaluation protocol with the fields supernet, moon; start a new"
    ):
        read_protocol({"supernet": "ofa", "moon": "full"})


def test_each_kind_says_how_top1_is_measured() -> None:
    assert SUPERNET.measure == "on 10,000 images of ImageNet, with weights inherited from the supernet"
    assert "each network trained on its own for 200 epochs" in TABLE.measure
    assert PREDICTED.measure == "on ImageNet, predicted from 1,462 measured networks"
    assert (PREDICTED.predicted, replace(TABLE).predicted) == (True, False)
