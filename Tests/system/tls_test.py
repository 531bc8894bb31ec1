"""TLS for clients: served by the Gateway itself, replaced while it runs, explained when it cannot be."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess

import pytest

from rig import certificates
from rig.gateways import Engine, Exchange, answers, gateway, post
from rig.waiting import wait_until

BODY = b'{"model":"tiny"}'
NO_KEY = {"INFERENCEKEY_OPERATOR_KEY": None}


def trusting(certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(certificate))
    context.set_alpn_protocols(["http/1.1"])
    return context


def shown(port: int) -> str:
    """The common name of the certificate that is shown to a new connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain) as client:
        text = ssl.DER_cert_to_PEM_cert(client.getpeercert(True))
    told = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=text, capture_output=True, text=True)
    return told.stdout.strip().rpartition("=")[2].strip()


def exchange(built, certificate, request: bytes) -> bytes:
    with built.connect() as plain, trusting(certificate).wrap_socket(plain, server_hostname="localhost") as client:
        client.sendall(request)
        content = b""
        while piece := client.recv(1 << 16):
            content += piece
        return content


@pytest.fixture
def pair(tmp_path):
    return certificates.make(tmp_path / "certificates", "first")


def options(pair) -> tuple[str, ...]:
    return "--tls-certificate", str(pair[0]), "--tls-key", str(pair[1])


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_calls_and_streams_go_over_tls(tmp_path, kind):
    pair = certificates.make(tmp_path / "certificates", kind=kind)

    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.event("1")
        exchange.event("[DONE]")
        exchange.send(b"0\r\n\r\n")

    with gateway(tmp_path / "g", Engine(script), options=options(pair)) as built:
        assert f"https://127.0.0.1:{built.port}" in built.role.words
        assert "without TLS" not in built.role.words
        ((status, body),) = answers(exchange(built, pair[0], post(BODY, more="connection: close\r\n")))
        assert status == 200 and body == b"data: 1\n\ndata: [DONE]\n\n"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_versions_of_tls_are_refused(tmp_path, pair):
    with gateway(tmp_path / "g", Engine(), options=options(pair)) as built:
        for version, works in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
            context = trusting(pair[0])
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
            context.set_ciphers("ALL:@SECLEVEL=0")
            with built.connect() as plain:
                try:
                    with context.wrap_socket(plain, server_hostname="localhost") as client:
                        assert works and client.version() == "TLSv1.2"
                except ssl.SSLError:
                    assert not works


def test_who_speaks_plain_http_is_told_to_use_https(tmp_path, pair):
    with gateway(tmp_path / "g", Engine(), options=options(pair)) as built:
        ((status, body),) = answers(built.exchange(post(BODY)))
        assert status == 400 and b"https://" in body
        assert not built.engines[0].requests
        assert built.exchange(b"") == b"", "a handshake that does not come is cut"


def test_a_new_certificate_is_taken_over_without_a_restart_and_a_broken_one_is_not(tmp_path, pair):
    certificate, key = pair
    second = certificates.make(tmp_path / "certificates", "second")
    third = certificates.make(tmp_path / "certificates", "third")

    def put(*files) -> None:
        for source, target in zip(files, pair):
            shutil.copy(source, f"{target}.new")
            os.replace(f"{target}.new", target)

    with gateway(tmp_path / "g", Engine(Exchange.answer), options=options(pair)) as built:
        assert shown(built.port) == "first"
        # A connection that is open goes on under the certificate it began with.
        with built.connect() as plain, trusting(certificate).wrap_socket(plain, server_hostname="localhost") as client:
            put(*second)
            wait_until(lambda: shown(built.port) == "second", 15, "the files are looked at")
            client.sendall(post(BODY))
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        put(third[0])
        wait_until(lambda: "is not that of the certificate" in built.role.words, 15, "the half pair is told")
        assert shown(built.port) == "second"
        put(*third)
        os.kill(built.pid, signal.SIGHUP)
        wait_until(lambda: shown(built.port) == "third", 15, "SIGHUP")
        certificate.write_text("nonsense")
        wait_until(lambda: "holds no certificate" in built.role.words, 15, "the broken file is told")
        assert shown(built.port) == "third" and built.role.is_running
        assert "PRIVATE KEY" not in built.role.words


MISTAKES = {
    "no such file": (lambda c, k: (c.with_name("nowhere.pem"), k), "nowhere.pem cannot be read"),
    "a key where the certificate should be": (lambda c, k: (k, k), "holds no certificate"),
    "a certificate where the key should be": (lambda c, k: (c, c), "holds no private key"),
}


@pytest.mark.parametrize(("mistake", "told"), MISTAKES.values(), ids=MISTAKES.keys())
@pytest.mark.parametrize("command", ["up", "doctor"])
def test_a_certificate_that_cannot_be_used_is_told_before_anything_starts(bare, tmp_path, pair, mistake, told, command):
    words = bare.ik(command, "--data", str(tmp_path / "d"), *options(mistake(*pair)), **NO_KEY)
    assert words.returncode != 0 and told in words.stdout + words.stderr, words
    if command == "up":
        assert not (tmp_path / "d/ik.db").exists()


def test_half_a_pair_is_told(bare, tmp_path, pair):
    half = bare.ik("up", "--data", str(tmp_path / "d"), "--tls-certificate", str(pair[0]), **NO_KEY)
    assert half.returncode != 0 and "--tls-key is missing" in half.stderr
    half = bare.ik("up", "--data", str(tmp_path / "d"), IK_TLS_KEY=str(pair[1]), **NO_KEY)
    assert half.returncode != 0 and "IK_TLS_CERTIFICATE" in half.stderr


def test_the_doctor_tells_when_a_certificate_ends(bare, tmp_path):
    for days, grade in ((2, "problem"), (10, "note"), (90, "ok")):
        pair = certificates.make(tmp_path / "certificates", f"of-{days}", days=days)
        told = bare.ik("doctor", "--json", *options(pair), **NO_KEY)
        (found,) = [each for each in json.loads(told.stdout) if each["subject"] == "certificate"]
        assert found["grade"] == grade and "valid until" in found["detail"] and (grade == "ok") != bool(found["mend"])


def test_the_whole_platform_is_called_over_tls_by_its_own_client(new_platform, tmp_path, pair):
    platform = new_platform("--stop-engines", *options(pair))
    assert f"https://127.0.0.1:{platform.port}" in platform.role.words
    curl = ["curl", "-sS", "--cacert", str(pair[0]), f"https://localhost:{platform.port}/readyz"]
    assert "ready" in subprocess.run(curl, capture_output=True, text=True, timeout=30).stdout
