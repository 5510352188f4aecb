"""The letters that pages carry for a language: there for each that needs them, and of those letters alone."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from lessonkit import style
from tools import fonts
from tools.slides import show


@pytest.mark.parametrize("language", style.PACKAGED)
def test_a_page_carries_the_letters_of_its_text_in_both_weights(language):
    rules = fonts.embedded(language, "신경망 a")
    assert "--letters" in rules
    files = [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^)\"]+)", rules)]
    assert len(files) == len(fonts.WEIGHTS)
    for font in files:
        assert {ord(letter) for letter in "신경망"} <= font.getBestCmap().keys() and ord("가") not in font.getBestCmap()
        assert font["name"].getDebugName(1) == fonts.FAMILY, "its licence asks for another name"


def test_english_needs_none():
    assert fonts.files("en") == {} and fonts.embedded("en", "a") == ""


@pytest.mark.parametrize("language", style.PACKAGED)
def test_slides_have_them_as_files(language, tmp_path):
    show.copy_assets(tmp_path, ["en", language])
    named = re.findall(r'url\("([^"]+)"\)', (tmp_path / "letters.css").read_text(encoding="utf-8"))
    assert len(named) == len(fonts.WEIGHTS)
    for name in named:
        assert len(TTFont(tmp_path / name).getBestCmap()) > 2000  # the usual syllables
