"""What tells search engines of the pages: `sitemap.xml` and `robots.txt`.

Source: https://www.sitemaps.org/protocol.html, and for the alternates
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

from collections.abc import Mapping
from datetime import date

from lxml import etree

from study_guide.languages import DEFAULT, LANGUAGES, site_path

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


def text(site: str, pages: Mapping[str, date | None]) -> str:
    """The sitemap: `pages` maps each page's path in the default language to
    the day on which it was last changed, where that is known; `site` is the
    site's address with a slash at its end."""
    names: dict[str | None, str] = {None: _SITEMAP, "xhtml": _XHTML}
    root = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap=names)
    for path, changed in sorted(pages.items()):
        addresses: dict[str, str] = {
            language: site + site_path(language, path)
            for language in LANGUAGES
        }
        alternates = [*addresses.items(), ("x-default", addresses[DEFAULT])]
        for address in addresses.values():
            entry = etree.SubElement(root, f"{{{_SITEMAP}}}url")
            etree.SubElement(entry, f"{{{_SITEMAP}}}loc").text = address
            if changed:
                day = etree.SubElement(entry, f"{{{_SITEMAP}}}lastmod")
                day.text = changed.isoformat()
            for language, href in alternates:
                etree.SubElement(
                    entry,
                    f"{{{_XHTML}}}link",
                    rel="alternate",
                    hreflang=language,
                    href=href,
                )
    content: bytes = etree.tostring(
        root, encoding="utf-8", xml_declaration=True, pretty_print=True
    )
    return content.decode()


def robots(site: str) -> str:
    """`robots.txt`: everything may be read; heard only at a host's root."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site}sitemap.xml\n"
