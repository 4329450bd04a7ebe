"""A webhook: news posted to an address as JSON, by a thread of its own, so that nobody waits for it."""

from __future__ import annotations

import base64
import json
import logging
import queue
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit

from app.services.web_address import request_target
from app.settings import version
from data.errors import DataError

log = logging.getLogger(__name__)

#: News that may wait; of more than these the oldest are given up.
MOST_WAITING = 100
#: Seconds for one try, and before each further one.
WAIT_SECONDS = 10.0
PAUSES = (1.0, 2.0, 4.0, 8.0)
#: Seconds that what still waits is given at the end.
SECONDS_AT_END = 5.0


class InvalidWebhook(DataError):
    """An address to which nothing can be posted."""


class Webhook:
    """Posts to one address, in order; one that does not answer is tried again a few times.

    An answer from 200 to 299 is success. Others of the 400s, except 408 and 429, are not tried again.

    Args:
        url: begins with http:// or https://; name and password in it log in there (basic authentication).
        pauses: seconds before each further try.

    Raises:
        InvalidWebhook: it does not, or names no host.
    """

    def __init__(self, url: str, pauses: tuple[float, ...] = PAUSES) -> None:
        try:
            parts = urlsplit(url)
            self._port = parts.port
        except ValueError as error:
            raise InvalidWebhook(f"{url} is no address of a webhook: {error}.") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidWebhook(f"{url} is no address of a webhook: it begins with http:// or https://.")
        self._host = parts.hostname
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._target = request_target(parts)
        self._headers = {"Content-Type": "application/json", "User-Agent": f"ssd-studio/{version()}"}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        self._pauses = pauses
        self._news: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webhook", daemon=True)
        self._thread.start()
        #: News that were posted, and those that were given up.
        self.posted = self.lost = 0

    def post(self, news: Mapping[str, Any]) -> None:
        """Have news posted soon; returns at once."""
        body = json.dumps(news, ensure_ascii=False, allow_nan=False).encode()
        while True:
            try:
                return self._news.put_nowait(body)
            except queue.Full:
                self._give_up_oldest()

    def close(self, seconds: float = SECONDS_AT_END) -> None:
        """Give what still waits some time, then end."""
        try:
            self._news.put(None, timeout=seconds)
        except queue.Full:
            self._stop.set()
        self._thread.join(seconds)
        self._stop.set()
        self._thread.join(WAIT_SECONDS)
        self.lost += sum(each is not None for each in self._news.queue)

    def _give_up_oldest(self) -> None:
        try:
            self._news.get_nowait()
        except queue.Empty:
            return
        self.lost += 1
        log.warning("%s does not keep up: the oldest news were given up.", self._host)

    def _work(self) -> None:
        while not self._stop.is_set() and (body := self._news.get()) is not None:
            if self._delivered(body):
                self.posted += 1
            else:
                self.lost += 1

    def _delivered(self, body: bytes) -> bool:
        for pause in (*self._pauses, None):
            problem, final = self._try(body)
            if not problem:
                return True
            if final or pause is None or self._stop.wait(pause):
                log.warning("%s did not take the news: %s.", self._host, problem)
                return False
        return False

    def _try(self, body: bytes) -> tuple[str, bool]:
        """Post once; "" for success, else what was wrong and whether it will be so again."""
        connection = self._kind(self._host, self._port, timeout=WAIT_SECONDS)
        try:
            connection.request("POST", self._target, body, self._headers)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            return str(error) or type(error).__name__, False
        except ValueError as error:  # A name that no host can have.
            return str(error), True
        finally:
            connection.close()
        if 200 <= status < 300:
            return "", True
        return f"it answered {status}", 300 <= status < 500 and status not in (408, 429)
