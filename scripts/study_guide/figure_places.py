"""Which figures of the whole guide go to the top of the next page.

A figure goes there if the rest of its page is too short for it, which only a
layout tells. If the book asked in its own, all text behind would be laid out
again for each answer. Every question begins a page, so the answers hold for
as long as the question stays as it is: they are asked of the questions alone,
and kept.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from study_guide.content_cache import ContentCache

_FIGURE = "\n#fig("
_PART = "\n#part("


def floating(
    questions: Mapping[str, str],
    pictures: Mapping[str, str],
    setting: tuple[str, ...],
    ask: Callable[[Mapping[str, str]], Sequence[str]],
    cache: ContentCache,
) -> Sequence[str]:
    """The names of the figures that go to the top of the next page.

    `questions` maps slugs to sources, `pictures` files' names, which begin
    with the slug, to SVG; `setting` is what else the layout depends on. `ask`
    lays out sources and gives the names of those of their figures.
    """
    asked = {
        slug: _up_to_last_figure(source)
        for slug, source in questions.items()
        if _FIGURE in source
    }
    keys = {
        slug: (
            "figure places",
            version("typst"),
            *setting,
            source,
            *(svg for file, svg in pictures.items() if f'"{file}"' in source),
        )
        for slug, source in asked.items()
    }
    new = {s: t for s, t in asked.items() if cache.known(keys[s]) is None}
    if new:
        names = ask(new)
        for slug, source in new.items():
            own = [one for one in names if f'#fig("{one}"' in source]
            cache.keep(keys[slug], json.dumps(own))
    return [
        name
        for key in keys.values()
        for name in json.loads(cache.known(key) or "[]")
    ]


def _up_to_last_figure(source: str) -> str:
    """The parts of a question behind the last figure move none."""
    end = source.find(_PART, source.rfind(_FIGURE))
    return source if end < 0 else source[:end]
