"""The command line as a person or a script meets it: output, errors and exit codes."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Studio
from app.cli import main
from app.services import devices
from app.settings import Settings

ROOT = Path(__file__).parents[3]

VOC = """<annotation><filename>{name}.jpg</filename><size><width>64</width><height>48</height><depth>3</depth>
</size><object><name>cup</name><bndbox><xmin>{xmin}</xmin><ymin>5</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>
</object></annotation>"""


@pytest.fixture(autouse=True)
def workspace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSD_STUDIO_WORKSPACE", str(settings.workspace))
    monkeypatch.delenv("SSD_STUDIO_DATABASE_URL", raising=False)
    return settings.workspace


@pytest.fixture
def voc_folder(tmp_path: Path, jpeg: Any) -> Path:
    """Two good pictures, and one whose box is upside down."""
    folder = tmp_path / "voc"
    for kind in ("images", "annotations"):
        (folder / kind).mkdir(parents=True)
    for number, (name, xmin) in enumerate((("good", 3), ("fine", 4), ("wrong", 50))):
        (folder / "images" / f"{name}.jpg").write_bytes(jpeg((number, 0, 0)))
        (folder / "annotations" / f"{name}.xml").write_text(VOC.format(name=name, xmin=xmin))
    return folder


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in (
        "serve",
        "demo",
        "import",
        "export",
        "train",
        "evaluate",
        "detect",
        "models",
        "export-model",
        "import-model",
        "worker",
        "doctor",
        "backup",
    ):
        # A long name has its description on the next line.
        assert re.search(rf"\n    {command}\s", text)


def test_a_wrong_call_is_exit_code_two_and_no_command_either(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["frobnicate"]) == 2
    assert main([]) == 2
    assert main(["detect", "m", "x.jpg", "--score", "2"]) == 2
    assert "2 is not between 0 and 1" in capsys.readouterr().err


def test_a_setting_of_the_environment_that_cannot_be_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSD_STUDIO_PORT", "many")
    assert main(["models"]) == 2
    assert "setting port" in capsys.readouterr().err
    monkeypatch.setenv("SSD_STUDIO_PORT", "0")
    monkeypatch.setenv("SSD_STUDIO_DEVICE", "gpu")
    assert main(["models"]) == 2
    assert "there is no such device: choose a GPU's number, cpu or all." in capsys.readouterr().err


def test_an_import_prints_its_report_and_reads_the_same_folder_twice_without_effect(
    voc_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(voc_folder), "--project", "cups", "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert set(report) == {"added", "existing", "rejected", "boxes", "classes", "notes"}
    assert (report["boxes"], report["classes"]) == (2, ["cup"])
    (rejected,) = report["rejected"]
    assert set(rejected) == {"file", "line", "problem", "remedy"}
    assert "wrong" in rejected["file"]
    assert "Importing" in err
    assert main(["import", str(voc_folder), "--project", "cups"]) == 0
    text = capsys.readouterr().out
    assert "cups: 0 images added" in text
    assert f"{rejected['problem']} → {rejected['remedy']}" in text


def test_a_folder_that_is_not_there_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "/no/such/folder", "--project", "cups"]) == 2
    assert capsys.readouterr().err == (
        "ssd-studio: there is no /no/such/folder here: name a folder or a .zip file.\n"
    )


def test_an_unknown_project_or_model_is_one_sentence_and_exit_code_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for arguments in (
        ["train", "--project", "nope"],
        ["models", "--project", "nope"],
        ["evaluate", "nope"],
        ["detect", "nope", "x.jpg"],
    ):
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("ssd-studio: There is no ")
        assert err.count("\n") == 1


def test_a_project_that_cannot_be_trained_on_says_why(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    studio.labelling.create_project("empty")
    assert main(["train", "--project", "empty"]) == 1
    assert "at least 2 more images" in capsys.readouterr().err


def test_a_workspace_that_cannot_be_made_is_said_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["models", "--workspace", str(tmp_path / "file" / "inside")]) == 1
    assert "--workspace" in capsys.readouterr().err


def test_a_port_in_use_is_said_with_its_remedy(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "--port" in capsys.readouterr().err
    assert not studio.workers.is_alive()


def test_models_are_an_empty_list_before_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["models"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "ssd-studio train" in err


def test_doctor_finds_a_fresh_workspace_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert [finding["name"] for finding in report["findings"]] == [
        "versions",
        "workspace",
        "database",
        "files",
        "devices",
        "worker",
    ]


def test_doctor_tells_of_a_gpu_that_lies_idle_and_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = [{"name": "NVIDIA T4", "memory_bytes": 2**34, "free_bytes": 2**33}]
    monkeypatch.setattr(devices.Devices, "found", lambda *_, **__: devices.described(gpu, []))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "NVIDIA T4: TensorFlow cannot use it." in told
    assert 'pip install "ssd-studio[gpu]"' in told


def test_doctor_says_what_is_wrong_with_the_database(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.mkdir()
    (workspace / "studio.db").write_bytes(b"this is no database, but it is long enough to look like one" * 40)
    assert main(["doctor"]) == 1
    assert "PROBLEM  database" in capsys.readouterr().out


def test_a_reader_that_leaves_early_gets_no_complaint() -> None:
    command = [sys.executable, "-m", "app", "models", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
