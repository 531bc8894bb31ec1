"""A small collector of OTLP over HTTP with JSON: keeps the spans it is sent."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    """Takes `POST /v1/traces`; `status` is what it answers."""

    def __init__(self) -> None:
        self.exports: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[dict]:
        """All spans so far, each with its attributes as a plain dict."""
        with self._lock:
            exports = list(self.exports)
        return [
            {**span, "attributes": attributes(span)}
            for export in exports
            for resource in export["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]

    def spans_of(self, trace_id: str) -> list[dict]:
        return [span for span in self.spans if span["traceId"] == trace_id]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = collector.status if self.path == "/v1/traces" else 404
                if status == 200:
                    with collector._lock:
                        collector.exports.append(json.loads(body))
                        collector.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_) -> None:
                pass

        return Handler


def attributes(owner: dict) -> dict:
    """`[{"key": …, "value": {"intValue": "7"}}]` as `{…: 7}`."""
    found = {}
    for item in owner.get("attributes", []):
        ((kind, value),) = item["value"].items()
        found[item["key"]] = int(value) if kind == "intValue" else value
    return found
