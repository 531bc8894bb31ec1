"""Clients that ask without a pause while a test does something to the platform."""

import threading

from .api import QUESTION, Project


class Load:
    """Clients that ask without a pause and note every failure."""

    def __init__(self, project: Project, slug: str, clients: int = 6, streams: bool = False):
        self.project, self.slug, self.streams = project, slug, streams
        self.answers, self.failures = 0, []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def _run(self) -> None:
        with self.project.openai(self.slug) as client:
            while not self.stopping.is_set():
                try:
                    self._ask(client)
                    self.answers += 1
                except Exception as problem:  # noqa: BLE001 (every failure is judged by the test)
                    self.failures.append(problem)

    def _ask(self, client) -> None:
        if not self.streams:
            client.chat.completions.create(model=self.slug, messages=QUESTION, max_tokens=16)
            return
        finish = None
        for chunk in client.chat.completions.create(
            model=self.slug, messages=QUESTION, max_tokens=200, stream=True, extra_body={"ignore_eos": True}
        ):
            finish = chunk.choices[0].finish_reason if chunk.choices else finish
        assert finish == "length", f"the stream ended with {finish}"
