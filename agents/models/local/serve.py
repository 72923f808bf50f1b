"""The child process: llama.cpp's server for one model file, until the parent is gone.

Run as a script with the file and the size of the context in tokens; prints its address when it is ready. Notable: it
ends when its standard input does. The system closes that pipe however the parent ends, SIGKILL included, and the server
lives neither longer nor, as with a signal on the death of a parent *thread*, shorter than the program.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any


def main(model: str, context: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Read when llama.cpp is loaded. Threads that wait actively would take the cores from whoever works meanwhile.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import xllamacpp

    try:
        server = xllamacpp.Server(_parameters(xllamacpp, model, context))
    except RuntimeError as error:
        raise SystemExit(str(error)) from None
    print(server.listening_address, flush=True)
    threading.Event().wait()


def _end_with_parent() -> None:
    # Not through `sys.stdin`, whose lock would be missed at the end of a process that ends by itself.
    while os.read(0, 1024):
        pass
    os._exit(0)


def _parameters(xllamacpp: Any, model: str, context: int) -> Any:
    p = xllamacpp.CommonParams()
    p.model.path = model
    p.n_ctx = context
    p.hostnames, p.port = ["127.0.0.1"], 0
    # One conversation at a time, none of them kept: the default keeps prompts in up to 8 GB of memory.
    p.n_parallel, p.cache_ram_mib, p.cache_idle_slots = 1, 0, False
    # A prompt is read on all cores. Its answer is written a token at a time, for which threads must meet at every step:
    # with as many as there are cores, any other busy process makes all of them wait.
    cores = os.cpu_count() or 1
    p.cpuparams.n_threads, p.cpuparams_batch.n_threads = max(1, cores // 2), cores
    p.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    p.verbosity = 1  # errors alone
    return p


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
