"""Sends the trace of long prefixes to one router, each request when it is due, answered or not; prints what came of it
as one line of JSON. Run as a program: PORT PATH TOKEN SEED REQUESTS."""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field

TENANTS, PREFIX_BYTES, QUESTION_BYTES, REQUESTS_PER_SECOND = 150, 24_000, 4_800, 40
# After the last is due, for those that wait. Who waits longer is counted with the time until then.
PATIENCE_S = 30


@dataclass
class Outcome:
    first_token_s: list[float] = field(default_factory=list)
    prompt_tokens: int = 0
    cached_tokens: int = 0
    # By engine.
    requests: dict[str, int] = field(default_factory=dict)
    open_s: dict[str, float] = field(default_factory=dict)
    # By how much requests were sent too late, and by how much later than planned by the engine a first token came.
    late_ms: list[float] = field(default_factory=list)
    added_ms: list[float] = field(default_factory=list)
    connections: int = 0
    unanswered: int = 0
    failures: list[str] = field(default_factory=list)


class Client:
    def __init__(self, port: int, path: str, token: str):
        self.port, self.idle, self.outcome = port, [], Outcome()
        self.head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        if token:
            self.head += f"authorization: Bearer {token}\r\n"

    async def ask(self, tenant: int, body: bytes) -> None:
        began = time.monotonic()
        try:
            reader, writer = await self._connection()
            head = f"{self.head}x-bench-tenant: {tenant}\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            first_token, last_event = await self._read(reader)
            self.idle.append((reader, writer))
            self._note(began, first_token, json.loads(last_event))
        except asyncio.CancelledError:
            self.outcome.unanswered += 1
            self.outcome.first_token_s.append(time.monotonic() - began)
        except (OSError, EOFError, ValueError, KeyError) as problem:
            self.outcome.failures.append(repr(problem))

    async def _connection(self):
        """The one that was used last, as long as the router has not closed it."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        self.outcome.connections += 1
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def _read(self, reader: asyncio.StreamReader) -> tuple[float, bytes]:
        """Gives the time of the first event, and the last one before the end."""
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or b"chunked" not in head.lower():
            raise ValueError(f"answered {head[:200]!r}")
        first_token, events = 0.0, b""
        while size := int(await reader.readline(), 16):
            events += (await reader.readexactly(size + 2))[:size]
            if not first_token and b"data:" in events:
                first_token = time.monotonic()
        await reader.readexactly(2)
        *_, last, end = (event[6:] for event in events.split(b"\n") if event.startswith(b"data: "))
        if end != b"[DONE]":
            raise ValueError("a stream ended without [DONE]")
        return first_token, last

    def _note(self, began: float, first_token: float, last: dict) -> None:
        outcome, engine, usage = self.outcome, last["system_fingerprint"], last["usage"]
        outcome.first_token_s.append(first_token - began)
        outcome.added_ms.append((first_token - began) * 1000 - last["read_ms"])
        outcome.prompt_tokens += usage["prompt_tokens"]
        outcome.cached_tokens += usage["prompt_tokens_details"]["cached_tokens"]
        outcome.requests[engine] = outcome.requests.get(engine, 0) + 1
        outcome.open_s[engine] = outcome.open_s.get(engine, 0) + time.monotonic() - began


async def run(client: Client, seed: int, requests: int) -> Outcome:
    """The same seed makes the same requests at the same times."""
    dice = random.Random(seed)
    prefixes = [dice.randbytes(PREFIX_BYTES // 2).hex() for _ in range(TENANTS)]
    due, asked = time.monotonic(), set()
    for _ in range(requests):
        due += dice.expovariate(REQUESTS_PER_SECOND)
        tenant = dice.randrange(TENANTS)
        body = request(prefixes[tenant], dice.randbytes(QUESTION_BYTES // 2).hex())
        await asyncio.sleep(due - time.monotonic())
        client.outcome.late_ms.append((time.monotonic() - due) * 1000)
        task = asyncio.create_task(client.ask(tenant, body))
        asked.add(task)
        task.add_done_callback(asked.discard)
    if asked:
        _, left = await asyncio.wait(asked, timeout=PATIENCE_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*left)
    return client.outcome


def request(prefix: str, question: str) -> bytes:
    messages = [{"role": "system", "content": prefix}, {"role": "user", "content": question}]
    return json.dumps({"model": "bench", "stream": True, "messages": messages}, separators=(",", ":")).encode()


if __name__ == "__main__":
    port, path, token, seed, requests = sys.argv[1:]
    print(json.dumps(vars(asyncio.run(run(Client(int(port), path, token), int(seed), int(requests))))))
