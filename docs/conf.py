"""Sphinx: `make docs`. Every warning is an error, so a broken link, a missing anchor and a page in no menu stop it."""

project = "Safe-migration assistant"
author = "The safe-migration assistant's contributors"
copyright = author
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_site"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
nitpicky = True
html_theme = "furo"
html_title = project
html_static_path: list[str] = []
html_show_sphinx = False
html_copy_source = False
# Nothing comes from a foreign address: furo's fonts are the reader's own, no maths, no analytics.
