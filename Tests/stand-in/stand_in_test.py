"""The stand-in keeps its own promises. Run: python3 -m unittest discover -s Tests/stand-in -p '*_test.py'"""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BIN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "bin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    """One running stand-in; ended with the test."""

    def __init__(self, test: unittest.TestCase, words: list[str], health: str = "/health", **environment: str):
        self.port = free_port()
        command = [os.path.join(BIN, words[0]), *words[1:]]
        environment = {
            "PATH": os.environ["PATH"],
            **{name: value.format(port=self.port) for name, value in environment.items()},
        }
        if words[0] != "ollama":
            command += ["--host", "127.0.0.1", "--port", str(self.port)]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        self.health = health
        test.addCleanup(self.end)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()

    def text(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def ready(self, seconds: float = 10) -> "Engine":
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if self.call("GET", self.health)[0] == 200:
                    return self
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError(f"not ready in time: {self.text()}")

    def call(self, method: str, path: str, body=None, headers: dict | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            data = json.dumps(body).encode() if body is not None else None
            connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def chat(self, stand_in: str = "", headers: dict | None = None, **fields) -> tuple[int, bytes]:
        body = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}], **fields}
        return self.call("POST", "/v1/chat/completions", body, {"x-stand-in": stand_in, **(headers or {})})


class StandInTest(unittest.TestCase):
    def vllm(self, settings: str = "", **environment: str) -> Engine:
        return Engine(self, ["vllm", "serve", "tiny"], STAND_IN=settings, **environment)

    def test_streams_events_and_usage(self):
        status, body = self.vllm().ready().chat("tokens=4", stream=True, stream_options={"include_usage": True})
        events = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
        self.assertEqual((status, len(events), events[-1]), (200, 7, "[DONE]"))
        self.assertEqual(json.loads(events[-2])["usage"]["completion_tokens"], 4)

    def test_a_key_from_the_environment_guards_v1_only(self):
        engine = self.vllm(VLLM_API_KEY="k").ready()
        self.assertEqual(engine.chat()[0], 401)
        self.assertEqual(engine.chat(headers={"authorization": "Bearer k"})[0], 200)
        self.assertEqual(engine.call("GET", "/metrics")[0], 200)

    def test_llama_server_says_that_it_loads_and_guards_all_but_health(self):
        engine = Engine(
            self,
            ["llama-server", "-m", "x.gguf", "--alias", "tiny", "--metrics"],
            LLAMA_API_KEY="k",
            STAND_IN="start_delay=0.5",
        )
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                self.assertEqual(engine.call("GET", "/health")[0], 503)
                break
            except OSError:
                time.sleep(0.01)
        engine.ready()
        self.assertEqual(
            [engine.call("GET", path)[0] for path in ("/v1/models", "/metrics", "/props")], [401, 401, 401]
        )

    def test_exits_with_the_log_of_a_gpu_out_of_memory(self):
        engine = Engine(self, ["vllm", "serve", "tiny@exit=3,log=cuda_oom"])
        self.assertEqual(engine.process.wait(10), 3)
        self.assertIn("torch.OutOfMemoryError: CUDA out of memory", engine.text())

    def test_breaks_off_inside_a_character(self):
        engine = self.vllm().ready()
        with self.assertRaises(http.client.IncompleteRead) as broken:
            engine.chat("cut=mid_utf8,at=3", stream=True)
        with self.assertRaises(UnicodeDecodeError):
            broken.exception.partial.decode()

    def test_dies_in_the_middle_of_a_stream(self):
        engine = self.vllm().ready()
        with self.assertRaises(http.client.IncompleteRead):
            engine.chat("crash=mid_event", stream=True)
        self.assertEqual(engine.process.wait(10), 139)

    def test_notices_a_client_that_leaves(self):
        engine = self.vllm().ready()
        with socket.create_connection(("127.0.0.1", engine.port)) as client:
            fields = {"stream": True, "stand_in": {"tokens": 1000, "delay_ms": 20}}
            body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "x"}], **fields}).encode()
            client.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
            )
            client.recv(100)
        until = time.monotonic() + 5
        while time.monotonic() < until and json.loads(engine.call("GET", "/stand-in/state")[1])["aborted"] == 0:
            time.sleep(0.01)
        self.assertEqual(json.loads(engine.call("GET", "/stand-in/state")[1])["aborted"], 1)

    def test_ignores_sigterm_when_told(self):
        engine = self.vllm("on_term=ignore").ready()
        engine.process.send_signal(signal.SIGTERM)
        self.assertEqual(engine.chat()[0], 200)
        self.assertIsNone(engine.process.poll())

    def test_exits_only_the_first_times(self):
        with tempfile.TemporaryDirectory() as folder:
            settings = f"exit_times=1,exit=2,state={folder}/starts"
            self.assertEqual(self.vllm(settings).process.wait(10), 2)
            self.vllm(settings).ready()

    def test_ollama_pulls_with_progress_then_loads(self):
        engine = Engine(
            self,
            ["ollama", "serve"],
            health="/api/version",
            OLLAMA_HOST="127.0.0.1:{port}",
            STAND_IN="download_bytes=1000,download_s=0.1",
        )
        engine.ready()
        self.assertEqual(engine.call("POST", "/api/generate", {"model": "m"})[0], 404)
        lines = [json.loads(line) for line in engine.call("POST", "/api/pull", {"model": "m"})[1].splitlines()]
        self.assertEqual(lines[-1], {"status": "success"})
        self.assertEqual(max(line.get("completed", 0) for line in lines), 900)
        self.assertEqual(
            json.loads(engine.call("POST", "/api/generate", {"model": "m", "keep_alive": -1})[1])["done_reason"], "load"
        )
        self.assertEqual(json.loads(engine.call("GET", "/api/ps")[1])["models"][0]["name"], "m")

    def test_sglang_lists_models_before_it_is_healthy(self):
        engine = Engine(self, ["sglang", "serve", "--model-path", "tiny"], STAND_IN="start_delay=1")
        engine.health = "/v1/models"
        engine.ready()
        self.assertEqual(engine.call("GET", "/health")[0], 503)


if __name__ == "__main__":
    unittest.main()
