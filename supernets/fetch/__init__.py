"""Downloads the weights that the authors of each supernet released, checks them, and keeps them as safetensors."""
