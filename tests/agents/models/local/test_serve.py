"""The script of the child process, with a stand-in for the package that runs llama.cpp."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

SCRIPT = ROOT / "agents" / "models" / "local" / "serve.py"
STAND_IN = """
from types import SimpleNamespace as Values

def CommonParams():
    return Values(model=Values(), cpuparams=Values(), cpuparams_batch=Values())

llama_flash_attn_type = Values(LLAMA_FLASH_ATTN_TYPE_DISABLED=0)

class Server:
    def __init__(self, p):
        if "broken" in p.model.path:
            raise RuntimeError("llama_model_load: the file is cut short")
        if p.hostnames != ["127.0.0.1"] or p.n_parallel != 2 or p.kv_unified or p.cache_ram_mib != 0:
            raise RuntimeError(f"unexpected parameters: {p}")
        if p.cpuparams.n_threads > p.cpuparams_batch.n_threads:
            raise RuntimeError("more threads for answers than for prompts")
        self.listening_address = f"http://127.0.0.1:{p.n_ctx}"
"""


@pytest.fixture
def packages(tmp_path: Path) -> str:
    (tmp_path / "xllamacpp.py").write_text(STAND_IN)
    return str(tmp_path)


def served(packages: str, model: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-S", str(SCRIPT), model, "4096", "2"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={"PYTHONPATH": packages})


def test_it_prints_its_address_and_ends_when_its_input_is_closed(packages: str) -> None:
    with served(packages, "model.gguf") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "http://127.0.0.1:8192\n"  # the context of both conversations
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_model_that_cannot_be_loaded_ends_it_with_the_reason(packages: str) -> None:
    with served(packages, "broken.gguf") as process:
        # Its input stays open until it has ended by itself.
        assert process.stderr is not None
        log = process.stderr.read()
        assert process.wait(10) == 1
    assert log.strip() == "llama_model_load: the file is cut short"
