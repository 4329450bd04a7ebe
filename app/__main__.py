"""``python -m app`` is the same program as ``ssd-studio``."""

from __future__ import annotations

from app.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
