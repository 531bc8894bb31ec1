"""The ledger balances: what was counted is what the engine gave, for every end that a request can have."""

import json
import random
import threading
from dataclasses import dataclass, field

import httpx2 as httpx

from rig import engines
from rig.api import QUESTION, Project
from rig.waiting import wait_until

ROUNDS = 5
PER_ROUND = 24
PROMPT_TOKENS = 5  # of QUESTION, as the stand-in counts them


@dataclass
class Account:
    """What should be counted: added to by every request as it is known how it went."""

    requests: int = 0
    failed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    estimated_requests: int = 0
    unsent: int = 0  # tokens that the engine made and never sent: it stalls or breaks off before the event
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, out: int = 0, inside: int = 0, failed: bool = False, estimated: bool = False, unsent: int = 0) -> None:
        with self.lock:
            self.requests += 1
            self.failed += failed
            self.tokens_in += inside
            self.tokens_out += out
            self.estimated_requests += estimated
            self.unsent += unsent


class Calls:
    """Requests with every end, each of them known to the token."""

    def __init__(self, project: Project, account: Account):
        self.project, self.account = project, account
        self.path = f"/endpoint/{project.slug}/bot/v1/chat/completions"

    def _body(self, stand_in: dict, **fields) -> dict:
        return {"model": "bot", "messages": QUESTION, "stand_in": stand_in, **fields}

    def finished(self, tokens: int) -> None:
        answer = self.project.data.post(self.path, self._body({"tokens": tokens}))
        assert answer["usage"]["completion_tokens"] == tokens
        self.account.add(tokens, answer["usage"]["prompt_tokens"])

    def streamed(self, tokens: int) -> None:
        stand_in = {"tokens": tokens}
        assert self._stream(stand_in).count("content") >= tokens
        self.account.add(tokens, self.prompt_tokens(stand_in), estimated=True)

    def streamed_with_usage(self, tokens: int) -> None:
        text = self._stream({"tokens": tokens}, stream_options={"include_usage": True})
        assert f'"completion_tokens": {tokens}' in text or f'"completion_tokens":{tokens}' in text
        self.account.add(tokens, PROMPT_TOKENS)

    def failed(self, tokens: int) -> None:
        answer = self.project.data.call("POST", self.path, json=self._body({"status": 500}))
        assert answer.status_code == 500
        self.account.add(failed=True)

    def refused(self, tokens: int) -> None:
        body = {**self._body({}), "model": "no-such-model"}
        assert self.project.data.call("POST", self.path, json=body).status_code == 404
        self.account.add(failed=True)

    def cut(self, tokens: int) -> None:
        """The engine breaks off before its next event."""
        stand_in = {"tokens": 100, "cut": "before_event", "at": tokens + 1}
        text = self._stream(stand_in)
        assert "upstream_failed" in text and "[DONE]" not in text
        self.account.add(tokens, self.prompt_tokens(stand_in), failed=True, estimated=True, unsent=1)

    def left(self, tokens: int) -> None:
        """The client leaves once it has so many tokens."""
        with self.stalled(tokens) as stream:
            pass
        self.account.add(tokens, self.prompt_tokens(stream.stand_in), estimated=True, unsent=1)

    def prompt_tokens(self, stand_in: dict) -> int:
        """What a prompt is taken for where the engine does not say: one token for four bytes, from its start on."""
        body = json.dumps(self._body(stand_in, stream=True), separators=(",", ":"))
        return len(body.partition('"messages":')[2]) // 4

    def stalled(self, tokens: int) -> "Stalled":
        return Stalled(self, tokens)

    def _stream(self, stand_in: dict, **fields) -> str:
        return self.project.data.call("POST", self.path, json=self._body(stand_in, stream=True, **fields)).text


class Stalled:
    """A stream of which so many tokens have come, and no more will."""

    def __init__(self, calls: Calls, tokens: int):
        self.stand_in = {"tokens": 100, "stall": "before_event", "at": tokens + 1}
        body = calls._body(self.stand_in, stream=True)
        self.client = httpx.Client(base_url=calls.project.base_url, trust_env=False, timeout=30)
        headers = {"authorization": f"Bearer {calls.project.key}"}
        self.response = self.client.send(
            self.client.build_request("POST", calls.path, json=body, headers=headers), stream=True
        )
        self.lines, seen = self.response.iter_lines(), 0  # held: without it the connection is closed
        while seen < tokens:
            line = next(self.lines)
            if line.startswith("data: "):
                seen += bool(json.loads(line[6:])["choices"][0]["delta"].get("content"))

    def __enter__(self) -> "Stalled":
        return self

    def __exit__(self, *_) -> None:
        self.response.close()
        self.client.close()


def totals(platform, project, *more: str) -> dict:
    answer = platform.ik("usage", "--project", project.slug, "--by", "project", *more, "--json")
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)
    assert len(rows) <= 1, rows
    return rows[0] if rows else {"requests": 0}


def test_every_request_is_counted_once_to_the_token_whoever_is_killed(apart):
    platform, dice = apart, random.Random(20261124)
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    probes = project.new_key()["key"]
    (replica,) = project.served("bot", key=probes)
    state = f"http://127.0.0.1:{replica['port']}/stand-in/state"
    before, made = engine_state(state), Account()
    calls = Calls(project, made)
    ends = [calls.finished, calls.streamed, calls.streamed_with_usage, calls.failed, calls.refused, calls.cut, calls.left]

    wait_until(lambda: project.ask("bot", key=project.key, model="no-such-model").status_code == 404, 5)
    made.add(failed=True)
    for round_ in range(ROUNDS):
        plan = [(dice.choice(ends), dice.randrange(1, 30)) for _ in range(PER_ROUND)]
        run_all(plan)
        stalled = [(calls.stalled(count), count) for count in (dice.randrange(1, 30) for _ in range(5))]
        if round_ % 2:
            # The Manager goes in the middle of it: whether it counted the last report is not known to the Gateway.
            platform.manager.kill()
            run_all([(dice.choice(ends), dice.randrange(1, 30)) for _ in range(PER_ROUND)])
        # Those that left are settled when the engine no longer works for them.
        wait_until(lambda: engine_state(state)["running"] == len(stalled), 10, "the end of what was left")
        platform.gateway.kill()
        for stream, count in stalled:
            made.add(count, failed=True, estimated=True, unsent=1)
            stream.__exit__()
        if round_ % 2:
            platform.manager.start()
        platform.gateway.start()
        wait_until(lambda: project.ask("bot", key=probes).status_code == 200, 20, "the new Gateway")

    key = project.key.split("_")[2]
    counted = wait_until(
        lambda: (row := totals(platform, project, "--key", key))["requests"] >= made.requests and row, 20
    )
    assert counted["requests"] == made.requests, (counted, made)
    assert counted["failed_requests"] == made.failed, (counted, made)
    assert counted["tokens_in"] == made.tokens_in and counted["tokens_out"] == made.tokens_out, (counted, made)
    assert counted["estimated_requests"] == made.estimated_requests, (counted, made)

    # And all of it, the probes too, against what the engine made.
    all_of_it = totals(platform, project)
    after = wait_until(lambda: (now := engine_state(state))["running"] == 0 and now, 10, "the end of every stream")
    generated = after["generated_tokens"] - before["generated_tokens"]
    probed = all_of_it["tokens_out"] - counted["tokens_out"]
    assert generated - made.unsent >= counted["tokens_out"]
    assert generated - made.unsent - counted["tokens_out"] <= probed, (generated, made, counted, probed)

    split = json.loads(platform.ik("usage", "--key", key, "--by", "estimated", "--json").stdout)
    assert {row["estimated"]: row["requests"] for row in split} == {
        False: made.requests - made.estimated_requests,
        True: made.estimated_requests,
    }
    sheet = platform.ik("usage", "--key", key, "--by", "key", "--csv").stdout.splitlines()
    assert len(sheet) == 2 and sheet[0].startswith("day,project_id,"), sheet
    assert str(made.tokens_out) in sheet[1].split(",") and key in sheet[1].split(",")
    print(f"measured: {made.requests} requests, {made.tokens_out} tokens out, {made.estimated_requests} estimated")


def engine_state(url: str) -> dict:
    return httpx.get(url, trust_env=False).json()


def run_all(plan: list) -> None:
    """Several at a time; every one must end as it should."""
    problems: list[BaseException] = []
    waiting = list(plan)

    def work() -> None:
        while waiting and not problems:
            try:
                end, tokens = waiting.pop()
            except IndexError:
                return
            try:
                end(tokens)
            except BaseException as problem:  # noqa: BLE001 (told by the test)
                problems.append(problem)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if problems:
        raise problems[0]


def test_a_kill_in_the_middle_of_many_short_requests_loses_none_that_was_answered(new_platform):
    """Nobody waits for a tick: what was answered a moment before the kill is counted."""
    platform = new_platform()
    project = platform.project()
    project.create(engines.stand_in_workload("bot"))
    probes = project.new_key()["key"]
    project.served("bot", key=probes)
    answered, begun = 0, 0
    lock, over = threading.Lock(), threading.Event()

    def keep_asking() -> None:
        nonlocal answered, begun
        while not over.is_set():
            with lock:
                begun += 1
            try:
                whole = project.ask("bot").status_code == 200
            except Exception:  # noqa: BLE001 (the platform is being killed)
                whole = False
            with lock:
                answered += whole

    askers = [threading.Thread(target=keep_asking) for _ in range(4)]
    for asker in askers:
        asker.start()
    for _ in range(3):
        with lock:
            wanted = answered + 100
        wait_until(lambda: answered >= wanted, 30)
        platform.kill()
        platform.start()
    over.set()
    for asker in askers:
        asker.join()
    key = project.key.split("_")[2]


    def finished() -> dict | None:
        row = totals(platform, project, "--key", key)
        return row if row["requests"] and row["requests"] - row["failed_requests"] >= answered else None

    row = wait_until(finished, 10)
    whole = row["requests"] - row["failed_requests"]
    # Up to four were under way at each kill: counted as failed, or answered and not received by their client.
    assert answered <= whole <= answered + 12, (answered, row)
    assert row["requests"] <= begun, (begun, row)
