"""The real trainer on a network of two layers, so that it takes seconds; everything else is as it ships.

Arguments: as the trainer's. It saves after every step and waits a little, so that there is time to kill it.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Any

from app.jobs import trainer

SECONDS_PER_STEP = 0.15


def main(arguments: list[str]) -> int:
    """Train with the tiny trunk in place of every backbone."""
    import ssd_core.train_model as module

    real = module.train_model

    def train_model(*given: Any, **hooks: Any) -> dict[str, Any]:
        import pytest

        from ssd_core import training
        from tests.ssd_core.small_training import use_tiny_backbone

        training.SECONDS_BETWEEN_CHECKPOINTS = 0.0
        asked = hooks["should_stop"]

        def should_stop() -> str | None:
            time.sleep(SECONDS_PER_STEP if os.environ.get("SLOWLY") else 0.0)
            return asked()  # type: ignore[no-any-return]

        with pytest.MonkeyPatch.context() as patch:
            use_tiny_backbone(patch)
            return real(*given, **{**hooks, "should_stop": should_stop})

    module.train_model = train_model  # type: ignore[assignment]
    return trainer.main(arguments)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    os._exit(code)
