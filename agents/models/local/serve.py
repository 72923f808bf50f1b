"""The child process that runs llama.cpp's server for one model file.

It runs as a script with the model file, the tokens of context and the number of conversations as arguments, and prints
its address when it is ready. It ends when its standard input is closed: the operating system closes that pipe however
the parent ends, also by SIGKILL. A death signal from the parent would come too early, since it follows the parent
*thread*.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any


def main(model: str, context: int, conversations: int) -> None:
    """Serve until the parent process ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Read when llama.cpp is loaded. Threads that wait actively would take cores from other work.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    import xllamacpp

    try:
        server = xllamacpp.Server(_parameters(xllamacpp, model, context, conversations))
    except RuntimeError as error:
        raise SystemExit(str(error)) from None
    print(server.listening_address, flush=True)
    threading.Event().wait()


def _end_with_parent() -> None:
    # Not `sys.stdin`: a thread that holds its lock blocks the regular end of a process.
    while os.read(0, 1024):
        pass
    os._exit(0)


def _parameters(xllamacpp: Any, model: str, context: int, conversations: int) -> Any:
    p = xllamacpp.CommonParams()
    p.model.path = model
    # Each conversation that is kept has a context of its own.
    p.n_ctx, p.n_parallel, p.kv_unified = context * conversations, conversations, False
    p.hostnames, p.port = ["127.0.0.1"], 0
    # No prompt cache beside these: the default keeps prompts in up to 8 GB of memory.
    p.cache_ram_mib, p.cache_idle_slots = 0, False
    # Prompts are read on all cores. Answers use half of them: threads synchronise for every token, so with one thread
    # per core any other busy process makes all of them wait.
    cores = os.cpu_count() or 1
    p.cpuparams.n_threads, p.cpuparams_batch.n_threads = max(1, cores // 2), cores
    p.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    p.verbosity = 1  # errors only
    return p


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
