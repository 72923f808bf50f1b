"""Metadata of a whole run: its protocol, prompts, prices, time, and why it stopped. Knows SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from common.errors import UserError
from supernets.evaluate.protocol import Protocol, read_protocol


class DamagedRecord(sqlite3.DatabaseError):
    """A value in a record is not as this program writes it."""


class RunMetadata:
    """Names and values in the table `facts`; a change is its own transaction unless one is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def require_protocol(self, protocol: Protocol) -> None:
        """Record the run's evaluation protocol, once.

        Raises:
            ProtocolMismatch: the run began under another protocol.
        """
        if self._fact("protocol") is None:
            self._set_fact("protocol", json.dumps(protocol.to_dict()))
        protocol.require_same(self._object("protocol"))

    @property
    def has_protocol(self) -> bool:
        return self._fact("protocol") is not None

    @property
    def protocol(self) -> Protocol:
        """The run's evaluation protocol, once it is recorded.

        Raises:
            ProtocolMismatch: this program does not know the protocol.
        """
        return read_protocol(self._object("protocol"))

    def require_prompts(self, prompts: str) -> None:
        """Record the hash of the prompts that this run uses, once.

        Raises:
            UserError: the run began with others.
        """
        self._require("prompts", prompts, "restore them, use the version of the program that began the run")

    def require_labels(self, labels: str) -> None:
        """Record the hash of the labels that this run's predictor is fitted to, once.

        Raises:
            UserError: the run began with others.
        """
        self._require("labels", labels, "restore the file")

    def _require(self, what: str, hash: str, advice: str) -> None:
        stored = self._fact(what)
        if stored is None:
            self._set_fact(what, hash)
        elif stored != hash:
            raise UserError(
                f"the {what} have changed since the run began (expected hash {stored}, got {hash}), so its rounds "
                f"would not be comparable: {advice}, or start a new one"
            )

    @property
    def merges_twins(self) -> bool:
        """Whether a twin of an earlier proposal is a duplicate; False for runs of versions that did not know twins."""
        return self._fact("merges_twins") == "1"

    def merge_twins(self) -> None:
        self._set_fact("merges_twins", "1")

    @property
    def seconds(self) -> float:
        """Seconds that the run has taken in all its processes, when last saved."""
        text = self._fact("seconds") or "0"
        try:
            return float(text)
        except ValueError:
            raise DamagedRecord(f"seconds: expected a number, got {text!r:.40}") from None

    def save_seconds(self, seconds: float) -> None:
        self._set_fact("seconds", repr(seconds))

    @property
    def prices(self) -> dict[str, Any]:
        """The run's price list, a `graph.spending.PriceList`; empty before it is recorded."""
        return self._object("prices")

    def save_prices(self, prices: Mapping[str, Any]) -> None:
        self._set_fact("prices", json.dumps(prices))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that the run began with; empty where an earlier version did not record them."""
        return self._object("settings")

    def save_settings(self, settings: Mapping[str, Any]) -> None:
        self._set_fact("settings", json.dumps(settings))

    @property
    def stopped_because(self) -> str:
        """Why the search stopped; empty before it has."""
        return self._fact("stopped_because") or ""

    def stop(self, because: str) -> None:
        """Record why the search stops."""
        self._set_fact("stopped_because", because)

    def _object(self, name: str) -> dict[str, Any]:
        """A value that is stored as JSON; empty before it is recorded."""
        try:
            return dict(json.loads(self._fact(name) or "{}"))
        except (ValueError, TypeError) as error:
            raise DamagedRecord(f"{name}: expected JSON, got {error}") from None

    def _fact(self, name: str) -> str | None:
        row = self.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row and str(row[0])

    def _set_fact(self, name: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
