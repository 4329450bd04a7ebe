"""``ssd-studio doctor``: whether everything that is needed is here and works."""

from __future__ import annotations

import argparse
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from app.commands.console import complain, say, say_json
from app.commands.opening import open_for, settings_of
from app.commands.repair_report import faults_as_json, say_faults, say_survey, survey_as_json

if TYPE_CHECKING:
    from app.settings import Settings

PACKAGES = ("tensorflow", "ai-edge-litert", "gradio", "dbos", "sqlalchemy")
LEAST_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do if it is not well."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Describe the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="check the installation and the workspace",
        description="Check versions, workspace, database, files, devices and worker; exit code 1 if "
        "something is not well. With --project also tell what is probably wrong with its labels.",
    )
    parser.add_argument("--project", metavar="NAME", help="look for faults in a project's labels too")
    parser.add_argument(
        "--repair",
        action="store_true",
        help="say which files nothing needs and which are missing, and what would be done",
    )
    parser.add_argument("--thorough", action="store_true", help="read every image file through for --repair")
    parser.add_argument("--yes", action="store_true", help="do what --repair says")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Look at everything and report."""
    if arguments.yes and not arguments.repair:
        complain("--yes goes with --repair.")
        return 2
    settings = settings_of(arguments)
    # First, so that what was repaired is found well.
    repaired = _repair(arguments) if arguments.repair else None
    findings = [
        _versions(),
        _looked("workspace", lambda: _workspace(settings), "Choose another one with --workspace."),
        _looked(
            "database", lambda: _database(arguments), "Restore the newest file of the workspace's backups."
        ),
        _looked("files", lambda: _files(arguments), None),
        _looked("devices", lambda: _devices(arguments), None),
        _looked("worker", lambda: _worker(arguments), None),
    ]
    well = all(finding.ok for finding in findings)
    report: dict[str, Any] = {"ok": well, "findings": [asdict(finding) for finding in findings]}
    if not arguments.json:
        _say(findings)
    if repaired is not None:
        report["repair"] = repaired
    if arguments.project:
        report["faults"] = _faults(arguments)
    if arguments.json:
        say_json(report)
    return 0 if well else 1


def _say(findings: Sequence[Finding]) -> None:
    for finding in findings:
        say(f"{'ok     ' if finding.ok else 'PROBLEM'}  {finding.name}: {finding.detail}")
        if finding.remedy and not finding.ok:
            say(f"         → {finding.remedy}")


def _repair(arguments: argparse.Namespace) -> dict[str, Any]:
    with open_for(arguments) as studio:
        found = studio.upkeep.survey(thorough=arguments.thorough)
        done = studio.upkeep.repair(found) if arguments.yes else None
    if not arguments.json:
        say_survey(found, done)
    return survey_as_json(found, done)


def _faults(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    with open_for(arguments) as studio:
        project = studio.labelling.project_by_name(arguments.project)
        studio.upkeep.complete_hashes()
        found = studio.upkeep.faults(project.id)
    if not arguments.json:
        say_faults(found, project.name)
    return faults_as_json(found)


def _looked(name: str, look: Callable[[], Finding], remedy: str | None) -> Finding:
    from data.errors import DataError

    try:
        return look()
    except (DataError, OSError) as error:
        return Finding(name, ok=False, detail=str(error), remedy=remedy)


def _versions() -> Finding:
    from app.settings import version as own_version

    found, missing = [f"ssd-studio {own_version()}", f"Python {platform.python_version()}"], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return Finding(
            "versions",
            ok=False,
            detail=f"not installed: {', '.join(missing)}",
            remedy="Run: pip install ssd-studio",
        )
    return Finding("versions", ok=True, detail=", ".join(found))


def _workspace(settings: Settings) -> Finding:
    from app.workspace import Workspace

    root = Workspace(settings.workspace).prepare().root
    probe = root / "locks" / "doctor.probe"
    probe.write_bytes(b"x")
    probe.unlink()
    free = shutil.disk_usage(root).free
    return Finding(
        "workspace",
        ok=free >= LEAST_FREE_BYTES,
        detail=f"{root}, {free / 1e9:.1f} GB free",
        remedy="Free some space: a training needs up to 2 GB.",
    )


def _database(arguments: argparse.Namespace) -> Finding:
    with open_for(arguments, trains=True) as studio:
        count = len(studio.labelling.projects())
    address = studio.settings.database_url or "sqlite"
    kind = "SQLite" if address.startswith("sqlite") else "PostgreSQL"
    return Finding("database", ok=True, detail=f"{kind}, {count} {'project' if count == 1 else 'projects'}")


def _files(arguments: argparse.Namespace) -> Finding:
    with open_for(arguments) as studio:
        found = studio.upkeep.survey()
    if found.is_well:
        return Finding("files", ok=True, detail="every image and model has its files")
    lost = [f"{len(found.missing)} image files"] if found.missing else []
    lost += [f"the files of {len(found.missing_models)} models"] if found.missing_models else []
    return Finding(
        "files",
        ok=False,
        detail=f"missing: {' and '.join(lost)}",
        remedy="Run: ssd-studio doctor --repair, which says which, and what it can bring back.",
    )


def _devices(arguments: argparse.Namespace) -> Finding:
    with open_for(arguments) as studio:
        found = studio.devices.found(wait=True)
    told = " ".join(f"{device.name}: {device.sentence}" for device in found.devices)
    sentences = " ".join(found.sentences)
    # One that lies idle is among them with a sentence of its own, and these say how to change that.
    well = all(device.usable for device in found.devices)
    return Finding(
        "devices", ok=well, detail=f"{told} {sentences}".strip() if well else told, remedy=sentences
    )


def _worker(arguments: argparse.Namespace) -> Finding:
    with open_for(arguments) as studio:
        device, alive = studio.settings.device, studio.workers.is_alive()
    detail = "runs" if alive else "none runs; serve and train start one when it is needed"
    return Finding("worker", ok=True, detail=f"device {device}: {detail}")
