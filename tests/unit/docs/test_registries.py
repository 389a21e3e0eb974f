"""No package registry is named in the repository."""

from givens.documentation import name_of
from givens.folders import ROOT

LEFT_OUT = {
    ".git",
    ".venv",
    ".crateline",
    ".crateline-bench",
    ".peer",
    ".hypothesis",
    "__pycache__",
    "demo",
    "music",
    "dist",
    "node_modules",
}
NOT_READ = {".png", ".jpg", ".gif", ".mp3", ".m4a", ".wav", ".opus"}
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("anaconda", "org"),
        ("proxy", "golang", "org"),
        ("ghcr", "io"),
        ("docker", "io"),
        ("quay", "io"),
    )
]


def files():
    """Every file of the repository that holds text."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        kept = not LEFT_OUT.intersection(parts) and not any(part.endswith(("_cache", ".egg-info")) for part in parts)
        if kept and path.is_file() and path.suffix not in NOT_READ:
            yield path


def test_no_package_registry_is_named_anywhere():
    # Given
    texts = {path: path.read_bytes().decode(errors="replace") for path in files()}

    # I expect
    assert [(name_of(path), host) for path, text in texts.items() for host in REGISTRIES if host in text] == []
