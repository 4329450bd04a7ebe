"""Pictures from the web, which the server fetches where its owner allows that."""

from __future__ import annotations

import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from app.settings import Settings, version
from data.errors import DataError

#: The most bytes of a picture that is fetched.
MAX_BYTES = 64 * 1024 * 1024
#: Seconds for the whole, and for each wait.
WHOLE_SECONDS, WAIT_SECONDS = 60.0, 15.0
MOST_REDIRECTS = 4
REDIRECTS = frozenset({301, 302, 303, 307, 308})


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

    def fetch(self, url: str) -> bytes:
        """Give the bytes behind an address of the web.

        Raises:
            FetchingIsOff: the server was not started with SSD_STUDIO_FETCH_URLS=true.
            NotFetched: the address is not public, does not answer, or gives no file of a picture's size.
        """
        if not self._allowed:
            raise FetchingIsOff(
                "This server fetches no pictures from the web. Send the picture itself, or start the server "
                "with SSD_STUDIO_FETCH_URLS=true."
            )
        deadline = time.monotonic() + WHOLE_SECONDS
        try:
            for _ in range(MOST_REDIRECTS + 1):
                connection = _connection(url)
                try:
                    answer = _asked(connection, url)
                    if answer.status not in REDIRECTS:
                        return _body(answer, url, deadline)
                    url = urljoin(url, answer.getheader("Location") or "")
                finally:
                    connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise NotFetched(f"{url} could not be fetched: {error}.") from error
        raise NotFetched(f"{url} was sent on more than {MOST_REDIRECTS} times.")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet, not of a computer, a home or an office."""
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast


class _Plain(HTTPConnection):
    address = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), WAIT_SECONDS)


class _Secure(HTTPSConnection):
    address = ""

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), WAIT_SECONDS)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def _connection(url: str) -> _Plain | _Secure:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotFetched(f"{url} is no address that begins with http:// or https://.")
    kind = _Secure if parts.scheme == "https" else _Plain
    connection = kind(parts.hostname, parts.port or kind.default_port)
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not all(map(is_public, addresses)):
        raise NotFetched(
            f"{parts.hostname} is no public address; pictures are fetched from the internet only."
        )
    connection.address = addresses[0]
    return connection


def _asked(connection: _Plain | _Secure, url: str) -> HTTPResponse:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", target, headers={"User-Agent": f"ssd-studio/{version()}", "Accept": "image/*"})
    return connection.getresponse()


def _body(answer: HTTPResponse, url: str, deadline: float) -> bytes:
    if answer.status != 200:
        raise NotFetched(f"{url} answered {answer.status} {answer.reason}.")
    body = bytearray()
    while part := answer.read1(64 * 1024):
        body += part
        if len(body) > MAX_BYTES:
            raise NotFetched(f"The picture at {url} is larger than {MAX_BYTES // 2**20} MB.")
        if time.monotonic() > deadline:
            raise NotFetched(f"{url} took longer than {WHOLE_SECONDS:.0f} seconds.")
    return bytes(body)
