"""A workload file with a mistake: the error names file, line and key, and nothing is changed."""

import pytest

from rig import engines

GOOD = """\
workloads:
  - name: Good
    slug: good
    model: tiny
    backend: vllm
    command: vllm serve tiny
    execution_policy_config: {replicas: 0}
"""
MISTAKES = {
    "an unknown key": ("    comand: vllm serve tiny\n", "command:", 13, ["comand", 'did you mean "command"?']),
    "a wrong type": ("    command: [vllm, serve]\n", "command:", 13, ["command", "must be a string"]),
    "a number where a text is wanted": ("    vllm_version: 0.11\n", "", 13, ["vllm_version", "quotes"]),
    "an unknown choice": ("    task_type: text2txt\n", "", 13, ["task_type", "text2text"]),
    "a backend that is none": ("    backend: vlm\n", "backend:", 13, ["backend", 'did you mean "vllm"?']),
    "a launcher of another backend": ("    command: bash -c id\n", "command:", 13, ["command", "vllm serve"]),
    "a secret": ("    description: ik_live_0a1b2c3d_" + "5e" * 32 + "\n", "", 13, ["secrets must never go in specs"]),
}


def with_mistake(line: str, instead_of: str) -> str:
    """A good workload and a bad one; the mistake stands in the last line."""
    bad = {"name:": "Bad", "slug:": "bad", "model:": "tiny", "backend:": "vllm", "command:": "vllm serve tiny"}
    lines = [f"    {key} {value}\n" for key, value in bad.items() if key != instead_of]
    lines[0] = "  -" + lines[0][3:]
    while len(lines) < 5:
        lines.insert(1, "    # a comment\n")
    return GOOD + "".join(lines) + line


@pytest.mark.parametrize(("line", "instead_of", "number", "told"), MISTAKES.values(), ids=MISTAKES.keys())
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_mistake_is_told_with_file_line_and_key(shared, project, tmp_path, command, line, instead_of, number, told):
    file = tmp_path / "models.yaml"
    file.write_text(with_mistake(line, instead_of))
    answer = shared.ik(command, "-f", str(file), project=project)
    if command == "plan" and answer.returncode == 0:
        pytest.skip("only the server knows this rule, and a plan does not ask it")
    assert answer.returncode in (1, 64), answer.stderr
    assert f"models.yaml:{number}:" in answer.stderr, answer.stderr
    for words in told:
        assert words in answer.stderr, answer.stderr
    assert "5e5e5e5e" not in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("mistake", ["an unknown key", "a wrong type", "a number where a text is wanted", "a secret"])
def test_a_file_with_a_mistake_changes_nothing_at_all(shared, project, tmp_path, mistake):
    file = tmp_path / "models.yaml"
    file.write_text(with_mistake(*MISTAKES[mistake][:2]))
    assert shared.ik("apply", "-f", str(file), project=project).returncode in (1, 64)
    assert project.all() == []


def test_every_mistake_of_a_file_is_told_at_once(shared, project, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text("name: A\nmodell: tiny\nbackend: vllm\n---\nname: B\nmodel: tiny\nbackend: vllm\ncomand: x\n")
    answer = shared.ik("plan", "-f", str(file), project=project)
    assert "models.yaml:2:" in answer.stderr and "models.yaml:8:" in answer.stderr, answer.stderr
    assert '"model"' in answer.stderr and '"command"' in answer.stderr


@pytest.mark.parametrize("text", ["workloads: [", "a: b: c", "\tx: 1", "workloads: 3", "- 1", "", "name: [x\n"])
def test_text_that_is_no_workload_file_is_refused_with_its_name(shared, project, tmp_path, text):
    file = tmp_path / "models.yaml"
    file.write_text(text)
    answer = shared.ik("plan", "-f", str(file), project=project)
    assert answer.returncode in (1, 64) and "models.yaml" in answer.stderr, answer.stderr


def test_a_file_that_is_not_there_is_named(shared, project):
    answer = shared.ik("plan", "-f", "/nowhere/models.yaml", project=project)
    assert answer.returncode in (1, 64) and "/nowhere/models.yaml" in answer.stderr, answer.stderr


def test_one_slug_twice_is_refused_with_both_places(shared, project, tmp_path):
    file = tmp_path / "models.yaml"
    file.write_text(engines.to_yaml(engines.idle_workload("bot"), engines.idle_workload("bot")))
    answer = shared.ik("plan", "-f", str(file), project=project)
    assert answer.returncode in (1, 64) and answer.stderr.count("models.yaml:") >= 2, answer.stderr
