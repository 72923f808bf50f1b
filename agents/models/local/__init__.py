"""The local model: a small language model on a llama.cpp server that the program starts on loopback."""
