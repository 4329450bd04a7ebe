"""``pg_dump`` and ``pg_restore``, where they are installed and fit the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from data.errors import BackupUnusable

#: Where Debian and its kin keep the programs of each version, beside the search path.
_FOLDERS = "/usr/lib/postgresql"
#: The job queue's tables are made anew at the next start.
_QUEUE_SCHEMA = "dbos"
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "password": "PGPASSWORD",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def find_program(name: str) -> str | None:
    """Give the path of a program of PostgreSQL, the newest there is; None without it."""
    found = sorted(Path(_FOLDERS).glob(f"*/bin/{name}"), key=lambda path: path.parts[-3].zfill(5))
    return str(found[-1]) if found else shutil.which(name)


def dump(connection: Connection, snapshot: str, target: Path) -> str | None:
    """Write the database as pg_dump's archive.

    Args:
        connection: to the server.
        snapshot: an exported snapshot, so that the archive is of that moment.
        target: the new file.

    Returns:
        None, or why it could not be done: there is no pg_dump, or one that is too old for the server.
    """
    program = find_program("pg_dump")
    if program is None:
        return "pg_dump is not installed"
    command = [program, "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    command += [f"--exclude-schema={_QUEUE_SCHEMA}", f"--snapshot={snapshot}", f"--file={target}"]
    problem = _carry_out(command, connection)
    if problem is not None:
        target.unlink(missing_ok=True)
    return problem


def load(connection: Connection, source: Path) -> None:
    """Enter pg_dump's archive into an empty database, all of it or nothing.

    Raises:
        BackupUnusable: there is no pg_restore, or it failed.
    """
    program = find_program("pg_restore")
    if program is None:
        raise BackupUnusable(
            "This backup was made by pg_dump, and pg_restore is not installed here. Install PostgreSQL's "
            "client programs (apt-get install postgresql-client)."
        )
    command = [program, "--no-owner", "--no-privileges", "--no-password", "--exit-on-error"]
    command += ["--single-transaction", f"--dbname={_parameters(connection)['dbname']}", str(source)]
    problem = _carry_out(command, connection)
    if problem is not None:
        raise BackupUnusable(f"The database could not be restored and is unchanged: {problem}.")


def _carry_out(command: list[str], connection: Connection) -> str | None:
    # The address goes through the environment: the arguments of a process can be read by everyone.
    environment = dict(os.environ)
    for name, value in _parameters(connection).items():
        if name in _VARIABLES:
            environment[_VARIABLES[name]] = value
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    return " ".join(done.stderr.split())[-500:] or f"{Path(command[0]).name} failed"


def _parameters(connection: Connection) -> dict[str, str]:
    driver: Any = connection.connection.driver_connection
    found: dict[str, str] = driver.info.get_parameters()
    return {**found, "password": driver.info.password} if driver.info.password else found
