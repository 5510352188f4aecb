"""Sphinx's configuration of the course's site; `python -m tools.site` gathers the pages of each language and runs it.

What differs from language to language comes from there: language, project, title, copyright, where MathJax is.
"""

import json
import re
from pathlib import Path

from sphinx.search import SearchLanguage, languages

HERE = Path(__file__).resolve().parent

author = "the authors of this course"
extensions = ["myst_nb", "sphinx.ext.mathjax"]
nb_execution_mode = "off"  # the outputs are those that the tests have compared
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "toc.empty_glob"]  # a heading may follow one two levels up; see `gather`

# Everything comes from the site itself: it must work without any network.
html_theme = "furo"
html_static_path = [str(HERE / "static")]
templates_path = [str(HERE / "templates")]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_favicon = str(HERE / "static" / "favicon.svg")
html_theme_options = {"light_css_variables": {"color-brand-primary": "#005a91", "color-brand-content": "#005a91"},
                      "dark_css_variables": {"color-brand-primary": "#6cc1f0", "color-brand-content": "#6cc1f0"},
                      "announcement": "languages",  # what stands there is in templates/page.html
                      "navigation_with_keys": False, "top_of_page_buttons": []}
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_copy_source = False
html_show_sourcelink = False


class SearchKorean(SearchLanguage):
    """Finds a Korean word whatever particle follows it: each beginning of a word is in the index, too."""

    lang, language_name = "ko", "Korean"

    def split(self, text):
        return [word[:length] for word in super().split(text)
                for length in (range(2, len(word) + 1) if re.match("[가-힣]{2}", word) else [len(word)])]


languages["ko"] = SearchKorean


def switch(app, pagename, _template, context, _doctree):
    """What templates/page.html shows."""
    switches = json.loads(Path(app.config.switch).read_text(encoding="utf-8"))
    added = [other | {"href": f"{other['href']}{pagename}.html"} for other in switches[""]]
    context["switch"] = switches.get(pagename, added)
    context["own_name"] = app.config.own_name
    context["site_root"] = "../" * (pagename.count("/") + (app.config.language != "en"))


def setup(app):
    app.add_config_value("switch", "", "html", str)
    app.add_config_value("own_name", "", "html", str)
    app.connect("html-page-context", switch)
