"""Explorables: figures that a reader can move, on the pages that have one.

In Markdown an explorable stands on the figure that it takes the place of,
`![…](kept.zh.svg){ explorable=sampling temperature=2 top_p=0.9 }`; what
follows the name is where its controls stand when the page opens.
On the site that figure becomes `<explorable-sampling>` with the figure
inside, for readers without JavaScript and for print, and the page loads
`frame.js` and `sampling.js`. The books keep the figure.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from study_guide import joined_assets
from study_guide.content_cache import ContentCache
from study_guide.joined_assets import JoinedAsset

FRAME = "frame"
FOLDER = "assets/scripts/explorables"
_ATTRIBUTES = re.compile(
    r"\{ *explorable=(?P<name>[a-z-]+)(?P<start>(?: +[a-z][\w-]*=[\w.,+-]+)*) *\}"
)


def written(braces: str) -> tuple[str, str] | None:
    """Name and start of an explorable from what stands in braces behind a
    figure; None where it cannot be read."""
    found = _ATTRIBUTES.fullmatch(braces)
    return (found["name"], "&".join(found["start"].split())) if found else None


def names(docs: Path) -> list[str]:
    """The explorables that there are, sorted."""
    found = {path.stem for path in (docs / FOLDER).glob("*.js")}
    return sorted(found - {FRAME})


def tag(name: str) -> str:
    """The custom element of the explorable `name`."""
    return f"explorable-{name}"


def scripts(docs: Path, cache: ContentCache) -> Mapping[str, JoinedAsset]:
    """Name -> script, the frame's included."""
    return {
        name: joined_assets.script(
            docs, [f"{FOLDER}/{name}.js"], cache, f"explorables/{name}"
        )
        for name in [FRAME, *names(docs)]
    }


def addresses(
    used: Iterable[str], scripts: Mapping[str, JoinedAsset]
) -> tuple[str, ...]:
    """What a page with the explorables `used` loads, in order, relative to
    the site's root."""
    needed = [one for one in dict.fromkeys(used) if one in scripts]
    return tuple(
        scripts[one].path for one in ([FRAME, *needed] if needed else ())
    )
