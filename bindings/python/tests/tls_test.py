"""https: the authorities that the system trusts are trusted, and no other."""

import os
import pathlib
import ssl
import subprocess
import sys

import pytest
from conftest import KEY, completion
from loopback import LoopbackServer

# A certificate for the name localhost that is its own authority.
CERTIFICATES = pathlib.Path(__file__).parents[3] / "Tests" / "TransportTests" / "Certificates"
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")

PROGRAM = """
import sys, inferencekey
endpoint = inferencekey.DataClient(sys.argv[1], "acme", sys.argv[2], max_retries=0).endpoint("bot")
try:
    print(endpoint.generate_text(prompt="Hola").text)
    print(*(chunk.text for chunk in endpoint.generate_text_stream(prompt="Hola")))
except inferencekey.NetworkError as error:
    print("refused:", error)
"""


@pytest.fixture
def secured():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "localhost.pem", CERTIFICATES / "localhost.key")
    server = LoopbackServer(tls=context)
    yield server
    server.stop()


@pytest.fixture
def trusting():
    """The beginning of a command that runs where the system trusts the certificate: it has mounts of its own."""
    bundle = next(filter(os.path.exists, BUNDLES), None)
    script = f'mount --bind "{CERTIFICATES / "localhost.pem"}" "{bundle}" && exec "$@"'
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh"]
    if bundle is None or subprocess.run([*words, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine has no bundle of authorities, or lets nobody have mounts of their own")
    return words


def outcome(server, *before):
    run = [*before, sys.executable, "-c", PROGRAM, server.url, KEY]
    return subprocess.run(run, capture_output=True, text=True, check=True).stdout


def test_a_certificate_that_the_system_trusts(secured, trusting):
    def script(request, reply):
        if not request.json().get("stream"):
            return reply.json(completion())
        reply.open_events()
        reply.event({"choices": [{"delta": {"content": "Ho"}}]})
        reply.event({"choices": [{"delta": {"content": "la"}, "finish_reason": "stop"}]})
        reply.event(b"[DONE]")
        reply.end()

    secured.script = script
    assert outcome(secured, *trusting) == "Hola\nHo la\n"
    assert [request.target for request in secured.requests] == ["/endpoint/acme/bot/v1/chat/completions"] * 2


def test_a_certificate_that_nobody_trusts(secured):
    found = outcome(secured)
    assert found.startswith("refused: network error") and "TLS" in found and "certificate" in found.lower()
    assert secured.requests == []
