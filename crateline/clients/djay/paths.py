"""File URIs as djay writes them, on a Mac and on Windows, as paths."""

import re
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"/?([A-Za-z]:)[\\/]")


def of_uri(uri: str) -> str:
    r"""Give the path in the words of its own system; empty if `uri` is not a file's.

    Windows' djay quotes the backslashes: `file:///D:%5CMusic%5Ca.mp3` is `D:\Music\a.mp3`.
    """
    if not uri.lower().startswith("file:"):
        return ""
    try:
        host, path = urlsplit(uri).netloc, unquote(re.split(r"[?#]", uri[len("file:") :].removeprefix("//"))[0])
    except ValueError:  # a bracket where a host should be
        return ""
    path = path.removeprefix(host)
    if _DRIVE.match(path):
        return path.removeprefix("/").replace("/", "\\")
    if host and host.lower() != "localhost":
        return f"\\\\{host}{path}".replace("/", "\\")
    return path
