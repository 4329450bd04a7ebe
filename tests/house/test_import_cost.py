"""What a process loads: the pages never load TensorFlow, a call for help loads next to nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def modules_loaded_by(code: str) -> set[str]:
    """Names of the top-level packages that a fresh interpreter holds after running some code."""
    report = "import sys; print('LOADED', *sorted({name.partition('.')[0] for name in sys.modules}))"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    line = next(line for line in answer.stdout.splitlines() if line.startswith("LOADED"))
    return set(line.split()[1:])


def test_the_server_module_loads_no_tensorflow() -> None:
    assert modules_loaded_by("import app.server").isdisjoint({"tensorflow", "keras"})


def test_building_the_whole_server_loads_neither_tensorflow_nor_opencv(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from app.bootstrap import open_studio\n"
        "from app.server import create_app\n"
        "from app.settings import Settings\n"
        f"create_app(open_studio(Settings(workspace=Path({str(tmp_path)!r}))))"
    )
    loaded = modules_loaded_by(code)
    assert "gradio" in loaded
    assert loaded.isdisjoint({"tensorflow", "keras", "cv2"})


def test_asking_for_help_loads_neither_tensorflow_nor_gradio_nor_sql() -> None:
    code = "from app.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    heavy = {"tensorflow", "keras", "gradio", "fastapi", "sqlalchemy", "dbos", "numpy", "PIL"}
    assert modules_loaded_by(code).isdisjoint(heavy)
