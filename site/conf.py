"""Sphinx's configuration of the course's site; `python -m tools.site` gathers the pages and runs it."""

from pathlib import Path

HERE = Path(__file__).resolve().parent

project = "How a neural network learns"
author = "the authors of this course"
project_copyright = "the authors of this course. Text: CC BY 4.0, code: MIT"
language = "en"

extensions = ["myst_nb", "sphinx.ext.mathjax"]
nb_execution_mode = "off"  # the outputs are those that the tests have compared
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a heading may follow one two levels up
exclude_patterns = ["notebooks/exercises/masters", "notebooks/exercises/solutions"]

# Everything comes from the site itself: it must work without any network.
mathjax_path = "mathjax/tex-chtml.js"
html_theme = "furo"
html_title = project
html_static_path = [str(HERE / "static")]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_favicon = str(HERE / "static" / "favicon.svg")
html_theme_options = {"light_css_variables": {"color-brand-primary": "#005a91", "color-brand-content": "#005a91"},
                      "dark_css_variables": {"color-brand-primary": "#6cc1f0", "color-brand-content": "#6cc1f0"},
                      "navigation_with_keys": False, "top_of_page_buttons": []}
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_copy_source = False
html_show_sourcelink = False
