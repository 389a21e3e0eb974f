"""The real addresses of the services, reached as a user's machine reaches them: by its environment alone."""

import os

import pytest

from crateline.sandbox.proxy import Proxy


def through(patch: pytest.MonkeyPatch, proxy: Proxy) -> None:
    """Let whatever leaves this process go through this proxy, and trust its authority; no other proxy is known."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        patch.delenv(name)
    patch.setenv("HTTPS_PROXY", proxy.url)
    patch.setenv("SSL_CERT_FILE", str(proxy.ca_file))
