"""The file that a customer gets: read back, in both languages; and what happens when it cannot be made."""

import asyncio
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from frontend.language import language
from frontend.letter import press
from frontend.letter.answers import Answers
from frontend.letter.content import compose
from frontend.letter.page import render
from frontend.letter.printing import Printer
from services.common.errors import DeadlineExceeded, Misconfigured, ResourceExhausted

PATIENCE = 120.0


def page(answers: Answers, code: str) -> str:
    return render(compose(answers, "A & B lenders", "", date(2026, 11, 28), language(code)))


async def printed(answers: Answers, code: str) -> bytes:
    return await Printer(1, PATIENCE).print(page(answers, code))


def presses() -> list[psutil.Process]:
    """The printing processes that run."""
    return [one for one in psutil.Process().children() if press.__name__ in one.cmdline()]


def structure(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every element of the structure tree."""

    def walk(node: object) -> Iterator[DictionaryObject]:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, DictionaryObject):
            if "/S" in node:
                yield node
            node = node.get("/K", [])
            yield from walk(node)
        elif isinstance(node, list):
            for child in node:
                yield from walk(child)

    return walk(reader.trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("code", "title", "words"),
    [
        ("fr", "Explication de votre demande de crédit", ("Refus proposé", "Vos droits")),
        ("en", "Explanation of your credit application", ("Refusal proposed", "Your rights")),
    ],
)
async def test_the_file_is_whole_tagged_and_of_its_language(
    tried: Answers, code: str, title: str, words: tuple[str, str]
) -> None:
    reader = PdfReader(io.BytesIO(await printed(tried, code)))
    root = reader.trailer["/Root"]
    texts = [one.extract_text() for one in reader.pages]
    whole = " ".join(" ".join(texts).split())

    assert reader.metadata
    assert reader.metadata.title == f"{title} – A & B lenders"
    assert root["/Lang"] == code  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()  # type: ignore[index]
    assert all(word in whole for word in (title, *words, "Ask for less credit.", "less <credit>"))
    assert "Be older" not in whole
    assert "TARGET" not in whole
    assert 1 <= len(texts) <= 3
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert ("Données de démonstration" if code == "fr" else "Demonstration data") in text
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in reader.pages} == {(595, 842)}


async def test_assistive_technology_finds_headings_tables_and_the_gauge_in_words(refused: Answers) -> None:
    reader = PdfReader(io.BytesIO(await printed(refused, "en")))
    found = list(structure(reader))
    kinds = [one["/S"] for one in found]

    assert kinds.count("/H1") == 1
    assert {"/H2", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    assert any("43.1%" in str(one.get("/Alt", "")) for one in found if one["/S"] == "/Figure")


async def test_fonts_are_inside_and_the_same_letter_is_the_same_file(refused: Answers) -> None:
    one, other = await printed(refused, "fr"), await printed(refused, "fr")
    fonts = [
        descendant.get_object()["/FontDescriptor"]
        for sheet in PdfReader(io.BytesIO(one)).pages
        for font in sheet["/Resources"]["/Font"].values()  # type: ignore[index]
        for descendant in font.get_object()["/DescendantFonts"]
    ]

    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(font) for font in fonts)
    assert one == other


async def test_nothing_from_elsewhere_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>')
    html = f'<html lang="en"><title>t</title><p>seen<img alt="" src="{secret.as_uri()}"></p></html>'
    text = PdfReader(io.BytesIO(await Printer(1, PATIENCE).print(html))).pages[0].extract_text()

    assert "seen" in text
    assert "secret" not in text


async def test_without_its_libraries_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(Misconfigured, match="libpango-1"):
        await Printer(1, PATIENCE).print("<p>")


async def test_a_deadline_ends_the_printing() -> None:
    with pytest.raises(DeadlineExceeded):
        await Printer(1, 0.05).print("<p>")
    assert presses() == []


async def test_too_many_at_once_are_refused_and_those_given_up_end() -> None:
    printer = Printer(1, PATIENCE)
    waiting = [asyncio.ensure_future(printer.print("<p>")) for _ in range(9)]
    await asyncio.sleep(0)

    with pytest.raises(ResourceExhausted):
        await printer.print("<p>")
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert presses() == []
    assert all(one.cancelled() for one in waiting)
