"""Pictures from the web, which the server fetches where its owner allows that."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

from app.services.fair_turns import Overloaded
from app.services.web_address import request_target
from app.settings import Settings, version
from data.errors import DataError

#: The most bytes of a picture that is fetched.
MAX_BYTES = 64 * 1024 * 1024
#: Seconds for the whole, and for each wait.
WHOLE_SECONDS, WAIT_SECONDS = 60.0, 15.0
MOST_REDIRECTS = 4
#: Pictures fetched at the same time: each may hold a thread of the server for the whole time.
MOST_AT_ONCE = 8
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Networks whose addresses mean one of version 4, in their last 32 bits (RFC 4291, RFC 6052).
_MEAN_VERSION_4 = (ip_network("::/96"), ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
#: Networks inside a house or a company that Python, or an older one, takes for public.
_AT_HOME = (ip_network("fec0::/10"), ip_network("64:ff9b:1::/48"))


class FetchingIsOff(DataError):
    """The owner of this server does not let it fetch pictures."""


class NotFetched(DataError):
    """A picture could not be had from the web."""


class WebPictures:
    """Fetches pictures by http and https from public addresses.

    Whoever reaches this server could else make it ask machines that only it can reach. So an address is
    looked up once, checked, and then connected to as it was checked, at each redirection again.
    """

    def __init__(self, settings: Settings) -> None:
        self._allowed = settings.fetch_urls
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)

    def fetch(self, url: str) -> bytes:
        """Give the bytes behind an address of the web.

        Raises:
            FetchingIsOff: the server was not started with SSD_STUDIO_FETCH_URLS=true.
            NotFetched: the address is not public, does not answer, or gives no file of a picture's size.
            Overloaded: too many are being fetched.
        """
        if not self._allowed:
            raise FetchingIsOff(
                "This server fetches no pictures from the web. Send the picture itself, or start the server "
                "with SSD_STUDIO_FETCH_URLS=true."
            )
        if not self._room.acquire(blocking=False):
            raise Overloaded(
                "Too many pictures are being fetched from the web. Send the next when one is here."
            )
        try:
            return self._fetched(url)
        finally:
            self._room.release()

    def _fetched(self, url: str) -> bytes:
        deadline = time.monotonic() + WHOLE_SECONDS
        try:
            for _ in range(MOST_REDIRECTS + 1):
                connection = _connection(url)
                # Who sends a little at a time keeps within each wait, and would never come to an end.
                end = threading.Timer(max(0, deadline - time.monotonic()), connection.give_up)
                end.start()
                try:
                    answer = _asked(connection, url)
                    _check_time(url, deadline)
                    if answer.status not in REDIRECTS:
                        return _body(answer, url, deadline)
                    url = urljoin(url, answer.getheader("Location") or "")
                finally:
                    end.cancel()
                    connection.close()
        except (OSError, HTTPException, ValueError) as error:
            _check_time(url, deadline)
            raise NotFetched(f"{url} could not be fetched: {error}.") from error
        raise NotFetched(f"{url} was sent on more than {MOST_REDIRECTS} times.")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet, not of a computer, a home or an office."""
    parsed = ip_address(address.partition("%")[0])
    if any(parsed in network for network in _AT_HOME):
        return False
    meant = _version_4_of(parsed) or parsed
    return meant.is_global and not meant.is_multicast


def _version_4_of(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The address of version 4 behind one of version 6, where it has one."""
    if any(address in network for network in _MEAN_VERSION_4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour if isinstance(address, IPv6Address) else None


class _Reaching(HTTPConnection):
    """Connects to an address that was looked up before, and can be given up by another thread."""

    address = ""
    given_up = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), WAIT_SECONDS)
        if self.given_up:
            raise TimeoutError("It was reached too late.")

    def give_up(self) -> None:
        self.given_up = True
        with suppress(AttributeError, OSError):  # It is closed, or not reached yet.
            self.sock.shutdown(socket.SHUT_RDWR)


class _Secure(_Reaching):
    default_port = HTTPSConnection.default_port

    def connect(self) -> None:
        super().connect()
        secure = ssl.create_default_context().wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = secure
        secure.do_handshake()


def _connection(url: str) -> _Reaching:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFetched(f"{url} is no address that begins with http:// or https://.")
    kind = _Secure if parts.scheme == "https" else _Reaching
    connection = kind(parts.hostname, parts.port or kind.default_port)
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not all(map(is_public, addresses)):
        raise NotFetched(
            f"{parts.hostname} is no public address; pictures are fetched from the internet only."
        )
    connection.address = addresses[0]
    return connection


def _asked(connection: _Reaching, url: str) -> HTTPResponse:
    headers = {"User-Agent": f"ssd-studio/{version()}", "Accept": "image/*"}
    connection.request("GET", request_target(urlsplit(url)), headers=headers)
    return connection.getresponse()


def _check_time(url: str, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise NotFetched(f"{url} took longer than {WHOLE_SECONDS:g} seconds.")


def _body(answer: HTTPResponse, url: str, deadline: float) -> bytes:
    if answer.status != 200:
        raise NotFetched(f"{url} answered {answer.status} {answer.reason}.")
    body = bytearray()
    while part := answer.read1(64 * 1024):
        body += part
        if len(body) > MAX_BYTES:
            raise NotFetched(f"The picture at {url} is larger than {MAX_BYTES // 2**20} MB.")
        _check_time(url, deadline)
    _check_time(url, deadline)  # Given up, it ends as if that were all.
    return bytes(body)
