"""What can be set from outside: environment variables named SSD_STUDIO_…, overridden by the command line."""

from __future__ import annotations

import re
import socket
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX = "SSD_STUDIO_"
#: What names a device: the index of a GPU, ``cpu``, or ``all`` for all GPUs of a host together.
DEVICE = r"^(\d{1,2}|cpu|all)$"


def version() -> str:
    """The program's version, or "0+unknown" when it runs from a folder that was never installed."""
    try:
        return installed_version("ssd-studio")
    except PackageNotFoundError:
        return "0+unknown"


def default_workspace() -> Path:
    """The platform's folder for a user's own data, such as ~/.local/share/ssd-studio."""
    return user_data_path("ssd-studio", appauthor=False)


class Settings(BaseSettings):
    """The settings of one process, fixed once read.

    ``database_url`` is None for the SQLite file inside the workspace. ``port`` 0 takes any free port.
    ``allowed_hosts`` are further host names, separated by commas, under which the server is reached.
    ``https`` serves on https, with a certificate of the studio's own unless ``https_cert`` names one; its key
    is ``https_key``, or stands in the same file.
    ``look_ahead`` lets models look at unlabelled images by themselves, wherever a project allows it.
    ``fetch_urls`` lets whoever may ask for detections have the server fetch a picture from the web.
    ``device`` is the index of a GPU, or of the CPU where there is none; "cpu" never uses a GPU, "all" uses
    all of them for one run. ``detection`` is what the server detects on: "litert", "tensorflow", or "auto"
    for TensorFlow where the device is a GPU, else LiteRT.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    workspace: Path = Field(default_factory=default_workspace)
    database_url: str | None = Field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    allowed_hosts: str = ""
    https: bool = False
    https_cert: Path | None = None
    https_key: Path | None = None
    fetch_urls: bool = False
    look_ahead: bool = True
    device: str = "0"
    detection: Literal["auto", "litert", "tensorflow"] = "auto"

    @field_validator("workspace")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        # Children run in another working directory, so a relative folder would mean two places.
        return folder.expanduser().absolute()

    @field_validator("device")
    @classmethod
    def _known(cls, device: str) -> str:
        if re.match(DEVICE, device) is None:
            raise ValueError("there is no such device: choose a GPU's number, cpu or all")
        return device

    @field_validator("database_url")
    @classmethod
    def _absolute_file(cls, url: str | None) -> str | None:
        # For the same reason as above: sqlite:///name is a file of the working directory.
        scheme, _, path = (url or "").partition(":///")
        if not scheme.startswith("sqlite") or not path or path.startswith(("/", ":memory:")):
            return url
        return f"{scheme}:///{Path(path).expanduser().absolute().as_posix()}"

    @property
    def allowed_host_names(self) -> frozenset[str]:
        """The names of ``allowed_hosts`` and the host served on, in lower case, without blanks.

        On https this machine's own name, too: its certificate is good for it.
        """
        names = (*self.allowed_hosts.split(","), self.host, socket.gethostname() if self.serves_https else "")
        return frozenset(name.strip().lower() for name in names if name.strip())

    @property
    def serves_https(self) -> bool:
        """Whether the pages are on https: asked for, or a certificate was given."""
        return self.https or self.https_cert is not None
