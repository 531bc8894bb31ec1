"""The real openai client against real vLLM behind the platform: runs Tests/clients on a platform made for it."""

import os
import subprocess
import sys

from rig import engines
from rig.engines import REPOSITORY
from rig.waiting import wait_until

FLAGS = "--dtype float32 --enforce-eager"
LITTLE_CACHE = {"VLLM_CPU_KVCACHE_SPACE": "1"}


def vllm_workload(slug: str, model: str, task: str, flags: str) -> dict:
    return {
        "name": slug,
        "slug": slug,
        "backend": "vllm",
        "model_name": model,
        "task_type": task,
        "config": {"command": f"vllm serve '{model}' {flags} {FLAGS}", "env": LITTLE_CACHE},
    }


def test_the_openai_client_works_unmodified_with_real_vllm_and_gets_typed_errors(new_platform):
    platform = new_platform("--stop-engines", programs=engines.real_vllm())
    project = platform.project("acme")
    chat, embedding = engines.tiny_model(), engines.embedding_model()
    project.create(vllm_workload("chat", chat, "text2text", "--max-model-len 512"))
    project.create(vllm_workload("texts", embedding, "embedding", "--runner pooling"))
    project.create(engines.stand_in_workload("faults", backend="llamacpp"))
    for slug in ("faults", "texts", "chat"):
        wait_until(lambda slug=slug: project.ready(slug), 900, f"{slug}: {project.status(slug)}", pause_s=0.2)
        wait_until(
            lambda slug=slug: project.data.call("GET", f"/endpoint/{project.slug}/{slug}/v1/models").is_success, 5
        )
    other = platform.project("other")
    answer = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-q", str(REPOSITORY / "Tests/clients")],
        env={
            "PATH": os.environ["PATH"],
            "HOME": platform.environment["HOME"],
            "INFERENCEKEY_BASE_URL": platform.base_url,
            "INFERENCEKEY_PROJECT": project.slug,
            "INFERENCEKEY_API_KEY": project.key,
            "INFERENCEKEY_SDK_TOKEN": project.token,
            "IK_TEST_OTHER_KEY": other.key,
            "IK_TEST_CHAT": "chat",
            "IK_TEST_CHAT_MODEL": chat,
            "IK_TEST_EMBEDDING": "texts",
            "IK_TEST_EMBEDDING_MODEL": embedding,
            "IK_TEST_FAULTS": "faults",
        },
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert answer.returncode == 0, answer.stdout[-8000:] + answer.stderr[-2000:]

    said = platform.ik("chat", "chat", "What is a workload?", "--max-tokens", "8", project=project)
    assert said.returncode == 0 and said.stdout.strip(), said.stderr
    embedded = platform.ik("embed", "texts", "a cat", "a kitten", "--json", project=project)
    assert embedded.returncode == 0 and '"embedding"' in embedded.stdout, embedded.stderr
