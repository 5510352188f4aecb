"""The course as a site: pages by Sphinx, live lessons by JupyterLite, in one folder that any static server serves.

    python -m tools.site             # into build/site; then: python -m http.server --directory build/site

`__main__` makes the environment that it is built in, `build` calls the others in order: `pages` gathers what Sphinx
turns into pages, `live` makes the lessons that run in the browser, `licences` lists what the site carries. What a page
says and how it looks is in the folder `site/`.
"""
