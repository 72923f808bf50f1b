"""A stand-in for `agents/models/local/serve.py`: speaks llama.cpp's HTTP API, and fails as its argument says.

Answers with its argument, which is JSON; instead, `echo` answers with what it was asked, `refuse` and `crash` fail at
the first question, `broken` before it is ready, and `mute` never gets ready.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BEHAVIOUR = sys.argv[1]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if BEHAVIOUR == "crash":
            print("ggml: out of tricks", file=sys.stderr, flush=True)
            os._exit(3)
        content = json.dumps({"echo": asked}) if BEHAVIOUR in ("echo", "refuse") else BEHAVIOUR
        answer = {
            "choices": [{"message": {"content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8},
        }
        body = json.dumps(answer).encode()
        self.send_response(400 if BEHAVIOUR == "refuse" else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    if BEHAVIOUR == "broken":
        raise SystemExit("llama_model_load: the file is cut short")
    if BEHAVIOUR == "mute":
        threading.Event().wait()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
