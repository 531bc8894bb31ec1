"""What engines print, in `logs/`: at their start, when they are ready, and when they fail."""

import os
import time

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "logs")

WORDS = [
    *(" hello", " wörld", " 日本語", " and", " the", " stand-in", " speaks"),
    *(" naïve", " words", " 🙂", " one", " after", " another"),
]


def log_text(name: str, launch) -> str:
    """The text of that name with its places filled in; a name that is not known is the text itself."""
    try:
        with open(f"{FOLDER}/{name}.txt", encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return name + "\n"
    places = {"time": time.strftime("%m-%d %H:%M:%S"), "pid": os.getpid()}
    for place in ("model", "host", "port"):
        places[place] = getattr(launch, place)
    for place, value in places.items():
        text = text.replace("{" + place + "}", str(value))
    return text


def log(name: str, launch) -> None:
    print(log_text(name, launch), end="", flush=True)


def words(count: int) -> list[str]:
    return [WORDS[index % len(WORDS)] for index in range(count)]


def progress_bar(done: float, total: float, step: int, steps: int) -> str:
    """The model hub's progress as it lands in a log file: carriage returns, and one line end at the end."""
    share = f"{step * 100 // steps:3d}%|{'█' * (10 * step // steps):<10}"
    times = f"[00:{step:02d}<00:{steps - step:02d}, 120MB/s]"
    return f"\rmodel.safetensors: {share}| {_size(done)}/{_size(total)} {times}" + ("\n" if step == steps else "")


def _size(count: float) -> str:
    for unit in ("", "k", "M"):
        if count < 1000:
            return f"{count:.3g}{unit}"
        count /= 1000
    return f"{count:.3g}G"
