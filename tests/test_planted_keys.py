"""Keys planted wherever one can be; then every byte that a failing and a succeeding search wrote is searched."""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import main
from supernets.families.registry import get_space
from tests.agents.chat_server import Handler, completion, fails, serving
from tests.agents.toy import STRATEGY

MARK = "plantedkey"
VARIABLES = (
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AZURE_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN",
    "AWS_SESSION_TOKEN", "GEMINI_API_KEY", "LANGFUSE_SECRET", "PROXY_PASSWORD", "MY_CREDENTIALS", "PROVIDER_AUTH",
)  # fmt: skip
KEYS = {name: f"{MARK}/{i:02d}+{name}" for i, name in enumerate(VARIABLES)}
SHAPED = [f"sk-ant-{MARK}-0123456789", f"gsk_{MARK}0123456789", f"http://{MARK}@host/", f"http://host/?api_key={MARK}"]


def planted(handler: Handler) -> str:
    """Every key, and all that the request carried."""
    return " ".join([*KEYS.values(), *map(quote, KEYS.values()), *SHAPED, handler.path, str(handler.headers)])


def answers(handler: Handler) -> None:
    system, asked = (handler.body["messages"][i]["content"] for i in (0, -1))
    keys = planted(handler)
    if "- role: navigator" in system:
        handler.reply(200, completion(f"{STRATEGY}\n{keys}\n"))
        return
    space, rng = get_space("ofa"), random.Random(asked)
    pieces = [json.dumps(genotype) for genotype in ({keys: 1}, *(space.genotype(space.sample(rng)) for _ in range(3)))]
    handler.reply(200, completion(f"{keys}\n[{', '.join(pieces)}, {{{keys}}}]"))


def refuses_the_second_round(handler: Handler) -> None:
    if "- round: 2" in handler.body["messages"][-1]["content"]:
        fails(401, message=planted(handler))(handler)
    else:
        answers(handler)


def leaks(place: Path, *printed: bytes) -> list[str]:
    """Where a key, or the beginning of one in base64, is found."""
    written = {str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    written |= {f"printed {i}": text for i, text in enumerate(printed)}
    marks = [MARK.encode(), base64.b64encode(MARK.encode())[:12]]
    return [name for name, content in written.items() if any(mark in content for mark in marks)]


def test_no_key_is_written_or_printed(images: Path, tmp_path: Path) -> None:
    def search(*arguments: object) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, main.__file__, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)

    with serving(refuses_the_second_round) as chat:
        address = chat.url.replace("http://", f"http://{MARK}:{MARK}pass@") + f"?api-key={MARK}query"
        environment = os.environ | KEYS | {"OPENAI_API_BASE": address, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        limits = ("--max-macs", 600, "--evaluations", 4)
        failed = search("--supernet", "ofa", "--images", images, "--llm", "openai/pocket", *limits)
        assert failed.returncode == 2, failed.stderr
        chat.behaviours[:] = [answers]
        (run,) = (tmp_path / "runs").iterdir()
        succeeded = search("--resume", run, "--json")
    assert succeeded.returncode == 0, succeeded.stderr
    assert b"401" in failed.stderr
    assert (run / "result.json").exists()
    assert leaks(tmp_path, failed.stdout, failed.stderr, succeeded.stdout, succeeded.stderr) == []
    assert (run / "archive.sqlite").read_bytes().count(b"[hidden]") > 10
