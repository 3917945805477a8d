"""Where a reader reports a mistake: a new issue of the repository, filled in
as far as the page knows."""

from urllib.parse import urlencode

from study_guide.catalogue import Question
from study_guide.languages import Language

# The form, `.github/ISSUE_TEMPLATE/<name>`, and its fields.
FORM = {"zh": "mistake.zh.yml", "en": "mistake.en.yml"}


def address(
    repository: str, question: Question, language: Language, site: str
) -> str:
    """The issue form with the question filled in; the page's script adds the
    section as `&section=…`. `repository` is its address on GitHub."""
    title = f"{question.id} {question.titles[language]}"
    fields = {
        "template": FORM[language],
        "title": title,
        "page": site + question.url(language),
    }
    return f"{repository.rstrip('/')}/issues/new?{urlencode(fields)}"
