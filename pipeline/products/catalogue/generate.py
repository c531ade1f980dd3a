"""Draws made-up products. The same seed gives the same file, byte for byte."""

import csv
import json
import os
import random
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.products.table import BRAND, CATEGORY, DESCRIPTION, IDENTIFIER, NAME, SPECIFICATIONS, SYNTHETIC
from services.common.errors import InvalidInput, Violation

COLUMNS = (IDENTIFIER, NAME, CATEGORY, DESCRIPTION, BRAND, SPECIFICATIONS, SYNTHETIC)
_WORDS = Path(__file__).with_name("words.toml")
# So many products are filed under a wrong category, as in any real catalogue.
_MISFILED = 0.02
# And so many are described by what shops write about anything, and little else.
_TERSE = 0.3


def generate(out: Path, per_category: int, seed: int) -> int:
    """Writes a catalogue of seven main categories as CSV in the marketplace's layout; every row says "synthetic".

    Returns:
        The number of products.

    Raises:
        InvalidInput: ``per_category`` or ``seed`` is out of range, or ``out`` is a folder.
    """
    faults = []
    if per_category < 1:
        faults.append(Violation("per_category", f"is {per_category}; at least 1 product is needed"))
    if seed < 0:
        faults.append(Violation("seed", f"is {seed}; it must be 0 or more"))
    if out.is_dir():
        faults.append(Violation(str(out), "is a folder; name a file"))
    if faults:
        raise InvalidInput(faults)
    words = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    chance = random.Random(seed)
    rows = [_draw(chance, words, name) for name in words["categories"] for _ in range(per_category)]
    chance.shuffle(rows)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with aside.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows({IDENTIFIER: f"synthetic-{number:05}", **row} for number, row in enumerate(rows, start=1))
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return len(rows)


def _draw(chance: random.Random, words: Mapping[str, Any], category: str) -> dict[str, str]:
    common, own = words["common"], words["categories"][category]
    kind, level = chance.choice(own["kinds"])
    brand, colour, material = (
        chance.choice(words) for words in (common["brands"], common["colours"], own["materials"])
    )
    model = f"{brand[:2].upper()}{chance.randrange(100, 1000)}"
    name = f"{brand} {model} {chance.choice((colour, material.title()))} {kind}"
    price = str(chance.randrange(149, 4999, 50))
    said = chance.sample(common["sentences"], 2)
    if chance.random() >= _TERSE:
        said += chance.sample(own["sentences"], 2)
    chance.shuffle(said)
    description = " ".join(said).format(name=name, brand=brand, colour=colour.lower(), material=material, price=price)
    filed = chance.choice(list(words["categories"])) if chance.random() < _MISFILED else category
    facts = {"Brand": brand, "Type": kind, "Color": colour, "Material": material.title(), "Model ID": model}
    pairs = ", ".join(f'{{"key"=>"{key}", "value"=>"{value}"}}' for key, value in facts.items())
    return {
        NAME: name,
        CATEGORY: json.dumps([f"{filed} >> {level} >> {name}"]),
        DESCRIPTION: description,
        BRAND: brand,
        SPECIFICATIONS: f'{{"product_specification"=>[{pairs}]}}',
        SYNTHETIC: "true",
    }
