"""What augmentation would make of one's own photographs: made in a child process, kept in the cache."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.jobs.variations import COUNT
from app.services.errands import Errands
from app.workspace import Workspace
from data import annotations as drawn
from data import images
from data.database import Database
from data.errors import NotFound
from ssd_core.policies import policy_named

SIDE = 300
#: Images whose variations are kept.
MOST_KEPT = 40


class AugmentationPreview:
    """Makes pictures of variations."""

    def __init__(self, database: Database, workspace: Workspace, errands: Errands) -> None:
        self._database = database
        self._root = workspace.cache / "augmentation"
        self._errands = errands

    def picture(self, project_id: int, image_id: int, policy: str, seed: int) -> tuple[bytes, dict[str, Any]]:
        """A JPEG of one variation, and its boxes with its size; takes some seconds for a new image.

        Args:
            project_id: the image's project.
            image_id: the image; raises NotFound.
            policy: ``none``, ``light``, ``standard`` or ``strong``; raises InvalidConfig for others.
            seed: another seed gives another variation, of :data:`COUNT` there are.
        """
        policy_named(policy)
        with self._database.read() as session:
            image = images.get(session, image_id)
            if image.project_id != project_id:
                raise NotFound(f"There is no image {image_id} in this project.")
            boxes = drawn.read(session, image_id)
        state = json.dumps([image.sha256, image.revision, [[box.class_id, *box.xyxy] for box in boxes]])
        folder = self._root / f"{image_id}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
        name = f"{policy}-{seed % COUNT}"
        if not (folder / f"{name}.jpg").exists():
            self._clear()
            arguments = {"project": project_id, "image": image_id, "folder": str(folder), "side": SIDE}
            self._errands.run("vary", arguments)
        return (folder / f"{name}.jpg").read_bytes(), json.loads((folder / f"{name}.json").read_bytes())

    def _clear(self) -> None:
        """Remove the pictures that were made longest ago."""
        with suppress(FileNotFoundError):
            folders: list[Path] = sorted(self._root.iterdir(), key=lambda path: path.stat().st_mtime)
            for folder in folders[: 1 - MOST_KEPT]:
                shutil.rmtree(folder, ignore_errors=True)
