"""The weights that the authors of each supernet released: downloaded, checked, and kept as safetensors."""

from supernets.fetch.download_errors import FetchError
from supernets.fetch.fetch import Fetched, fetch

__all__ = ["FetchError", "Fetched", "fetch"]
