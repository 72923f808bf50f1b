"""The weights that the authors of each supernet released: downloaded, checked, and kept as safetensors."""
