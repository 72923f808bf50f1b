"""The weights that the authors of each supernet released: downloaded, checked, and kept as safetensors."""

from supernets.fetch.fetch import Fetched, fetch
from supernets.fetch.problems import FetchError

__all__ = ["FetchError", "Fetched", "fetch"]
