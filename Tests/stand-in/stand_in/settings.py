"""What the stand-in is told: `name=value,name=value`, from the environment, the model's name, a header or a body."""

from dataclasses import dataclass, field, fields, replace

PLACES = ("before_head", "after_head", "before_event", "mid_event", "mid_utf8", "mid_chunk")


@dataclass
class RequestSettings:
    """How one answer is given. A process-wide value is the default of every request."""

    tokens: int = 0  # tokens answered; 0: the request's own limit, at most 16
    first_ms: float = 0  # before the response head
    delay_ms: float = 0  # before each token
    event_bytes: int = 0  # pads each streamed event's content to this many bytes
    body_bytes: int = 0  # pads a whole answer's content to this many bytes
    status: int = 0  # answers this status with an engine's error body
    retry_after: str = ""  # adds that header to `status`
    fail_first: int = 0  # only the first N requests of this process get `status` (default 503)
    fail_times: int = 0  # only the first N requests with this `fail_key` get it
    fail_key: str = ""
    cut: str = ""  # closes the connection at that place
    reset: int = 0  # 1: `cut` sends a TCP reset instead of an end
    crash: str = ""  # the process dies (exit 139) at that place
    stall: str = ""  # goes silent at that place, the connection stays open
    garbage: str = ""  # sends bytes that are no HTTP (before_head, after_head) or no JSON (mid_event) at that place
    at: int = 2  # the streamed event (from 0) that the event places mean
    error_event: int = 0  # 1: an error event in place of event `at`, then [DONE], as vLLM does
    length: int = 0  # added to the content-length of a whole answer
    split: int = 0  # writes pieces of this many bytes
    crlf: int = 0  # 1: streamed lines end with CR LF
    comments: int = 0  # 1: a comment line before each event
    no_done: int = 0  # 1: the stream ends without [DONE]
    no_usage: int = 0  # 1: no usage, also when asked for
    big_event: int = 0  # event `at` has one line of this many bytes

    def with_values(self, text_or_map: "str | dict") -> "RequestSettings":
        return _with_values(self, text_or_map)


@dataclass
class ProcessSettings:
    """How the process lives."""

    start_delay: float = 0  # seconds until ready
    never_ready: int = 0  # 1: starts and never becomes ready
    exit: int = -1  # ends with this status instead of becoming ready
    exit_after: float = -1  # seconds after being ready, ends with `exit` (default 1)
    exit_times: int = 0  # only the first N starts exit; counted in the file `state`
    state: str = ""  # file that counts the starts
    log: str = ""  # printed before the exit: the name of a text in logs/, or the text itself
    on_term: str = ""  # ignore, drain, now, or seconds until the exit
    exit_status: int = 0  # status of an ordered stop
    child: str = ""  # `group` or `session`: leaves a child behind, in its process group or in a session of its own
    flood: int = 0  # log lines per second
    flood_bytes: int = 120  # bytes of each such line
    long_line: int = 0  # one log line of this many bytes, without an end
    leak_key: int = 0  # 1: prints its own API key into the log
    download_bytes: int = 0  # prints the progress of a download of this size
    download_s: float = 1  # how long that download takes
    journal: str = ""  # file that gets one JSON line per start
    waiting: int = 0  # shown as queued requests
    hang: int = 0  # 1: health is fine, no request is ever answered
    request: RequestSettings = field(default_factory=RequestSettings)

    def with_values(self, text_or_map: "str | dict") -> "ProcessSettings":
        return _with_values(self, text_or_map)


class BadSetting(Exception):
    pass


def _with_values(settings, text_or_map):
    pairs = text_or_map.items() if isinstance(text_or_map, dict) else _pairs(text_or_map)
    types = {f.name: f.type for f in fields(settings)}
    values, passed_on = {}, {}
    for name, value in pairs:
        if name in types and name != "request":
            try:
                values[name] = types[name](value)
            except (TypeError, ValueError):
                raise BadSetting(f"stand-in: {name}={value!r} is not a {types[name].__name__}") from None
            if name in ("cut", "crash", "stall", "garbage") and value not in PLACES:
                raise BadSetting(f"stand-in: {name} must be one of {', '.join(PLACES)}")
        elif isinstance(settings, ProcessSettings):
            passed_on[name] = value
        else:
            raise BadSetting(f"stand-in: unknown setting {name!r}; known: {', '.join(types)}")
    if passed_on:
        values["request"] = settings.request.with_values(passed_on)
    return replace(settings, **values)


def _pairs(text: str):
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, value = part.partition("=")
        yield name, value or "1"
