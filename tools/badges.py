"""Write the links that need the repository's address, all from the one setting in pyproject.toml, [tool.course].

    python -m tools.badges

In README.md, README.ko.md and docs/classroom.md it rewrites what stands between `<!-- made by tools.badges: NAME -->`
and `<!-- end -->`; below the title of each lesson it puts its badges, and for Colab, which opens a lesson without its
folder, the cell that fetches the course. As long as no address is set, no badge is there: a lesson has no dead link.
"""

import argparse
import re
import sys
from urllib.parse import urlencode

import nbformat

from .execute import LESSONS, new_id

ROOT = LESSONS.parent
PAGES = "README.md", "README.ko.md", "docs/classroom.md"
BLOCK = re.compile(r"(<!-- made by tools\.badges: (\w+) -->\n).*?( *<!-- end -->)", re.S)
IN_LESSON = re.compile(r"\n\n<!-- made by tools\.badges -->.*?<!-- end -->", re.S)
UNSET = "https://github.com/OWNER/NAME"  # what instructions say as long as there is no address
PICTURE = """\
![Left: the cost falls and training and validation accuracy rise over sixty epochs. Right: twenty-five misread digits,
each with its label and the network's answer.](docs/course.png)"""
PICTURE_KO = """\
![왼쪽: 예순 에포크 동안 비용은 내려가고 훈련 정확도와 검증 정확도는 올라갑니다. 오른쪽: 잘못 읽은 숫자 스물다섯 개와
저마다의 레이블, 신경망의 답.](docs/ko/course.png)"""


class Repository:
    """Where the course is published: `address` of its page on GitHub, empty if it is not, and `branch`."""

    def __init__(self, address, branch="main"):
        if address and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
            raise ValueError(f"repository in pyproject.toml is {address!r}; expected https://github.com/OWNER/NAME, "
                             "without a slash at the end, or an empty text as long as the course has no address.")
        self.address, self.branch = address, branch

    @classmethod
    def of_this_course(cls):
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        return cls(*(re.search(rf'^{name} = "(.*)"', text, re.M).group(1) for name in ("repository", "branch")))

    @property
    def name(self):
        return (self.address or UNSET).removeprefix("https://github.com/")

    def badges(self, lesson="01_data_loading"):
        """Links to `lesson` in Colab and Binder, as Markdown; empty if there is no address."""
        if not self.address:
            return ""
        binder = urlencode({"urlpath": f"lab/tree/notebooks/{lesson}.ipynb"})
        colab = f"https://colab.research.google.com/github/{self.name}/blob/{self.branch}/notebooks/{lesson}.ipynb"
        return (f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})\n"
                "[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
                f"(https://mybinder.org/v2/gh/{self.name}/{self.branch}?{binder})")

    @property
    def site(self):
        """Where GitHub shows the course's site (.github/workflows/pages.yml); empty if there is no address."""
        owner, name = self.name.split("/")
        return self.address and f"https://{owner.lower()}.github.io/{name}"

    def picture(self, picture=PICTURE):
        """The README's picture, which leads to the page *Draw a digit* where there is one."""
        return f"[{picture}]({self.site}/draw/index.html)" if self.site else picture

    def in_lesson(self, lesson):
        """What stands below the title of `lesson`; empty if there is no address."""
        if not self.address:
            return ""
        return (f"\n\n<!-- made by tools.badges -->\n{self.badges(lesson)}\n\n"
                "In Colab, add a cell above this one, paste these lines and run it, then go on:\n\n"
                f"```python\n{colab_cell(self.address)}\n```\n<!-- end -->")

    def blocks(self):
        """name -> what stands in the blocks of the pages."""
        course = self.name.split("/")[1]
        pull = urlencode({"repo": self.address or UNSET, "branch": self.branch,
                          "urlpath": f"lab/tree/{course}/notebooks/01_data_loading.ipynb"})
        return {"badges": f"{badges}\n" if (badges := self.badges()) else "",
                "badges_ko": f"{badges}\n" if (badges := self.badges("ko/01_data_loading")) else "",
                "picture": f"{self.picture()}\n",
                "picture_ko": f"{self.picture(PICTURE_KO)}\n",
                "colab": f"```python\n{colab_cell(self.address or UNSET)}\n```\n",
                "install": f"       sudo git clone {self.address or UNSET} /opt/{course}\n"
                           f"       cd /opt/{course} && sudo -E pip install nbgitpuller -r requirements.txt .\n",
                "pull": f"       https://hub.example.org/hub/user-redirect/git-pull?{pull}\n"}


def colab_cell(address):
    """The one cell that makes the course importable in Colab, where nothing need be installed for it."""
    return (f"!git clone -q {address} /content/course\n"
            "import sys; sys.path[:0] = [\"/content/course/notebooks\", \"/content/course\"]")


def updated(text, repository):
    """A page with its blocks as they should be."""
    blocks = repository.blocks()
    return BLOCK.sub(lambda match: match[1] + blocks[match[2]] + match[3], text)


def updated_title(source, lesson, repository):
    """A lesson's first cell with its badges as they should be."""
    title, rest = IN_LESSON.sub("", source).split("\n", 1)
    return f"{title}{repository.in_lesson(lesson)}\n{rest}"


def stale(repository):
    """Every file that is not as it should be, path -> a function that writes it."""
    found = {}
    for path in (ROOT / page for page in PAGES):
        text = path.read_text(encoding="utf-8")
        if (new := updated(text, repository)) != text:
            found[path] = lambda path=path, new=new: path.write_text(new, encoding="utf-8")
    for path in sorted(LESSONS.glob("[0-9]*.ipynb")):
        nb = nbformat.read(path, as_version=4)
        if (new := updated_title(nb.cells[0].source, path.stem, repository)) != nb.cells[0].source:
            nb.cells[0].source, nb.cells[0].id = new, new_id(new, set())  # in normal form, its outputs untouched
            found[path] = lambda path=path, nb=nb: nbformat.write(nb, path)
    return found


def main():
    argparse.ArgumentParser(description="Write the links that need the repository's address, from the setting in "
                            "pyproject.toml.").parse_args()
    try:
        repository = Repository.of_this_course()
    except ValueError as error:
        sys.exit(str(error))
    for path, write in stale(repository).items():
        write()
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
