"""The end of a training: what the model's card says, and how model and outcome are entered together."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.settings import version
from data import models, run_progress, runs
from data.database import Database
from data.records import Model, Run, Snapshot

#: What a run starts from that starts from no model.
IMAGENET = "imagenet"


def register_model(
    database: Database,
    run: Run,
    attempt: int,
    card: dict[str, Any],
    metrics: dict[str, Any],
    publish: Callable[[], None] = lambda: None,
) -> bool:
    """Enter a run's model and end the run, in one transaction.

    Args:
        database: where both live.
        run: the run as it was when training began.
        attempt: the number of the attempt that trained the model.
        card: what the model's card says.
        metrics: of the model.
        publish: puts the model's files in their place; called while nobody can take the run over.

    Returns:
        False, with nothing written, if the run has ended or another attempt has replaced this one.
    """
    with database.write() as session:
        # Reporting locks the row, so that nobody can take the run over between looking and finishing.
        run_progress.report(session, run.id, attempt, phase="done", metrics=metrics)
        now = runs.get(session, run.id)
        if now.attempts != attempt or now.outcome is not None:
            return False
        publish()
        models.register(
            session,
            Model(
                id=card["id"],
                project_id=run.project_id,
                run_id=run.id,
                name=card["name"],
                classes=tuple(card["classes"]),
                metrics=metrics,
                created=datetime.now(UTC),
                params=card["params"],
                parent_id=card.get("parent"),
            ),
        )
        runs.finish(session, run.id, "done", model_id=card["id"], now=time.time())
        return True


def put_in_place(made: Path, place: Path) -> None:
    """Move a model's folder to where models lie; what an earlier attempt left there, never entered, goes.

    Once it is there, another call changes nothing: entering it may have to be tried again.
    """
    if not made.exists() and place.exists():
        return
    if place.exists():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)


def parent_of(run: Run) -> str | None:
    """The id of the model that a run goes on from, if any."""
    start = run.params.get("start", IMAGENET)
    return None if start == IMAGENET else str(start)


def model_id_of(run: Run) -> str:
    """The id of the model a run makes: fixed, so that finishing twice registers one model."""
    return f"m{run.id[:12]}"


def card_of(run: Run, snapshot: Snapshot, project_name: str) -> dict[str, Any]:
    """What the model's card says about where it comes from."""
    return {
        "id": model_id_of(run),
        "name": run.params["model_name"],
        "project": project_name,
        "run": run.id,
        "parent": parent_of(run),
        "snapshot": snapshot.content_hash,
        "classes": [item.name for item in snapshot.classes],
        "images": {
            split: sum(image.split == split for image in snapshot.images) for split in ("train", "val")
        },
        "params": run.params,
        "program": f"ssd-studio {version()}",
    }
