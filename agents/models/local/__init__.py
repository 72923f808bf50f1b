"""The embedded model: a small language model on a llama.cpp server of the program's own, on loopback."""
