"""A small HTTP server that speaks OpenAI's chat completions by a script: one step an incoming request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Endpoint:
    """What a test sees of the server: its address, and every request it got."""

    url: str
    stop: threading.Event
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


Step = Callable[[BaseHTTPRequestHandler, Endpoint], None]


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def good(text: str | None = "hello", finish_reason: str = "stop", model: str = "served-1") -> Step:
    completion = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text}}
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
    }
    return raw(json.dumps(completion).encode())


def raw(body: bytes) -> Step:
    return lambda handler, _: send(handler, 200, body)


def failing(status: int, message: str = "no", **headers: str) -> Step:
    body = json.dumps({"error": {"message": message}}).encode()
    return lambda handler, _: send(handler, status, body, **headers)


def echoing_key(handler: BaseHTTPRequestHandler, _: Endpoint) -> None:
    shown = handler.headers["Authorization"]
    send(handler, 401, json.dumps({"error": {"message": f"bad header {shown}"}}).encode())


def hanging(_: BaseHTTPRequestHandler, endpoint: Endpoint) -> None:
    endpoint.stop.wait(30)


def closing_mid_body(handler: BaseHTTPRequestHandler, _: Endpoint) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


@contextmanager
def serving(*steps: Step) -> Iterator[Endpoint]:
    """Serve on loopback; the last step repeats."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                step = steps[min(len(endpoint.requests), len(steps) - 1)]
                endpoint.requests.append(json.loads(body) | {"path": self.path})
                endpoint.keys.append(self.headers["Authorization"].removeprefix("Bearer "))
            step(self, endpoint)

        def do_GET(self) -> None:
            model = {"id": "served-1", "object": "model", "created": 0, "owned_by": "test"}
            send(self, 200, json.dumps({"object": "list", "data": [model]}).encode())

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", threading.Event())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
