"""Addresses of other servers, as an operator writes them: which are usable, and whom they name.

Pure: nothing here is looked up or connected to.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit


def wrong_base_url(url: str) -> str:
    """Return what keeps `url` from being the address of an HTTP service, as the end of a sentence; "" for nothing.

    The words never repeat the address: somebody may have written a password into it.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is no address"
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        return "must be an http or https address with a host"
    if "@" in parts.netloc:
        return "must not hold a name or password; a key goes into OPINION_API_KEY"
    return "must end with its path, without ? or #" if "?" in url or "#" in url else ""


def host_of(url: str) -> str:
    """Return whom a usable address names, as people should read it, with its port where one is written."""
    return urlsplit(url).netloc.lower()


# Names that stand for no host of the internet: of one label, as compose gives them, or below these.
_OF_ONES_OWN = (".local", ".internal", ".lan", ".home.arpa")


def travels_in_clear(url: str) -> bool:
    """Whether what is sent to a usable address crosses the internet unencrypted, as far as the address tells."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "https":
        return False
    try:
        return not ip_address(host).is_private
    except ValueError:
        return "." in host and not host.endswith(_OF_ONES_OWN)
