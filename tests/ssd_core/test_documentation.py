"""The programs in docs/ssd_core.md run as they stand, on a folder of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

PAGE = Path(__file__).parents[2] / "docs" / "ssd_core.md"
IMAGES = 26

ANNOTATION = """<annotation><filename>{name}.png</filename>
<size><width>80</width><height>60</height><depth>3</depth></size>
<object><name>raccoon</name><bndbox><xmin>21</xmin><ymin>11</ymin><xmax>60</xmax><ymax>50</ymax></bndbox></object>
</annotation>"""


def _programs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_program_that_trains_has_few_lines() -> None:
    lines = [line for line in _programs()[0].splitlines() if line and not line.startswith(("import", "from"))]
    assert len(lines) <= 15


@pytest.mark.slow
def test_a_newcomer_trains_on_a_voc_folder_and_detects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "raccoon"
    folder.mkdir()
    for number in range(IMAGES):
        image = Image.new("RGB", (80, 60), (30, 90 + 3 * number, 30))
        image.paste((200, 200, 210), (20, 10, 60, 50))
        image.save(folder / f"{number}.png")
        (folder / f"{number}.xml").write_text(ANNOTATION.format(name=number), encoding="utf-8")
    (folder / "0.png").rename(tmp_path / "photo.jpg")
    Image.open(tmp_path / "photo.jpg").save(folder / "0.png")
    monkeypatch.chdir(tmp_path)
    trains, detects = _programs()
    # Two steps show that every line works; what 240 of them learn is measured by the benchmarks.
    exec(trains.replace('preset("quick")', 'preset("quick", steps=2)'), {})
    assert (tmp_path / "model" / "card.json").is_file()
    exec(detects.replace("score=0.5", "score=0.05"), {})
    assert "raccoon 0." in capsys.readouterr().out
