"""MkDocs loads this file and finds the engine's events in it."""

from study_guide.mkdocs_adapter import (  # noqa: F401
    on_config,
    on_env,
    on_files,
    on_page_content,
    on_page_context,
    on_page_markdown,
    on_post_build,
    on_serve,
    on_startup,
    on_template_context,
)
