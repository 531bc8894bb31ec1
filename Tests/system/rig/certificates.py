"""Certificates of a test's own, made with openssl."""

import subprocess
from pathlib import Path


def make(folder: Path, name: str = "server", *, days: int = 30, kind: str = "ec") -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["-newkey", "rsa:2048"]
    command = ["openssl", "req", "-x509", *algorithm, "-nodes", "-keyout", key, "-out", certificate]
    command += ["-days", str(days), "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    key.chmod(0o600)
    return certificate, key
