"""One client doing one thing, in a process of its own. Prints JSON. Usage: client.py CLIENT WHAT URL COUNT"""

import json
import sys
import threading
import time

client, what, url, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
KEY = "ik_live_0badcafe_" + "0123456789abcdef" * 4


def resident() -> int:
    """Of this process, in kB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


bare = resident()
began = time.perf_counter()
if client == "inferencekey":
    import inferencekey

    imported = time.perf_counter() - began
    endpoint = inferencekey.DataClient(url, "acme", KEY, max_retries=0).endpoint("bot")
    ready = time.perf_counter() - began

    def call() -> str:
        return endpoint.generate_text(prompt="Hola", max_tokens=300).text

    def stream() -> int:
        return sum(1 for _ in endpoint.generate_text_stream(prompt="Hola"))

elif client == "openai":
    import openai

    imported = time.perf_counter() - began
    made = openai.OpenAI(base_url=f"{url}/endpoint/acme/bot/v1", api_key=KEY, max_retries=0)
    ready = time.perf_counter() - began
    MESSAGES = [{"role": "user", "content": "Hola"}]

    def call() -> str:
        return made.chat.completions.create(model="bot", messages=MESSAGES, max_tokens=300).choices[0].message.content

    def stream() -> int:
        return sum(1 for _ in made.chat.completions.create(model="bot", messages=MESSAGES, stream=True))

else:
    import pycurl

    imported = ready = time.perf_counter() - began
    local = threading.local()

    def call() -> str:
        curl = getattr(local, "curl", None)
        if curl is None:
            curl = local.curl = pycurl.Curl()
            curl.setopt(pycurl.URL, f"{url}/endpoint/acme/bot/v1/chat/completions")
            curl.setopt(pycurl.HTTPHEADER, ["content-type: application/json", f"authorization: Bearer {KEY}"])
        body = {"model": "bot", "messages": [{"role": "user", "content": "Hola"}], "max_tokens": 300}
        curl.setopt(pycurl.POSTFIELDS, json.dumps(body))
        return json.loads(curl.perform_rb())["choices"][0]["message"]["content"]


found: dict = {"import_ms": imported * 1000, "ready_ms": ready * 1000}
if what == "import":
    found["rss_kb"] = resident() - bare
elif what == "threads":
    call()

    def many() -> None:
        for _ in range(count // 16):
            call()

    threads = [threading.Thread(target=many) for _ in range(16)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found["per_second"] = count // 16 * 16 / (time.perf_counter() - began)
else:
    work = call if what == "calls" else stream
    for _ in range(20):
        work()
    cpu, wall, units = time.process_time(), time.perf_counter(), 0
    for _ in range(count):
        result = work()
        units += result if what == "streams" else 1
    found["cpu_us"] = (time.process_time() - cpu) / units * 1e6
    found["wall_us"] = (time.perf_counter() - wall) / units * 1e6
print(json.dumps(found))
