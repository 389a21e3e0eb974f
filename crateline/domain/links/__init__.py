"""What pasted links mean: the platform, the kind of thing and its id, read from the text alone.

Nothing is asked of the network. A SoundCloud link carries names, not numbers, so its `id` is the path; a short link
(`on.soundcloud.com/…`) says nothing before it is followed, and is marked as `Kind.SHORT`. Each platform's links have a
module of their own; `pasted` tells them apart, `lines` finds them in a text.
"""

from crateline.domain.links.lines import BadLine, LinkList, read_lines
from crateline.domain.links.link import Kind, Link
from crateline.domain.links.pasted import classify

__all__ = ["BadLine", "Kind", "Link", "LinkList", "classify", "read_lines"]
