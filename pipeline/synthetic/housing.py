"""The part of an application that describes the building the client lives in: present together or missing together."""

import numpy as np

from pipeline.synthetic.columns import MISSING, Bools, Columns, Floats
from pipeline.synthetic.sampler import Sampler, missing_where

# Share of applications that have the measure; they are nested, as the public registers they come from are.
_PRESENT = {
    "APARTMENTS": 0.491,
    "BASEMENTAREA": 0.413,
    "YEARS_BEGINEXPLUATATION": 0.510,
    "YEARS_BUILD": 0.336,
    "COMMONAREA": 0.303,
    "ELEVATORS": 0.465,
    "ENTRANCES": 0.495,
    "FLOORSMAX": 0.501,
    "FLOORSMIN": 0.322,
    "LANDAREA": 0.408,
    "LIVINGAPARTMENTS": 0.317,
    "LIVINGAREA": 0.497,
    "NONLIVINGAPARTMENTS": 0.306,
    "NONLIVINGAREA": 0.450,
}
# Correlation of the measure with the size of the building (normal scores).
_SIZE = {
    "APARTMENTS": 0.95,
    "BASEMENTAREA": 0.7,
    "YEARS_BEGINEXPLUATATION": 0.1,
    "YEARS_BUILD": 0.37,
    "COMMONAREA": 0.56,
    "ELEVATORS": 0.85,
    "ENTRANCES": 0.6,
    "FLOORSMAX": 0.68,
    "FLOORSMIN": 0.5,
    "LANDAREA": 0.48,
    "LIVINGAPARTMENTS": 0.95,
    "LIVINGAREA": 0.95,
    "NONLIVINGAPARTMENTS": 0.2,
    "NONLIVINGAREA": 0.3,
}
# Counted measures were scaled to 0..1 by a fixed largest count.
_LARGEST_COUNT = {"ELEVATORS": 25, "ENTRANCES": 29, "FLOORSMAX": 24, "FLOORSMIN": 24, "NONLIVINGAPARTMENTS": 259}
# Spread of mode and median around the average, relative to it; of the counted ones few differ at all.
_SPREAD = {"YEARS_BEGINEXPLUATATION": 0.0005, "YEARS_BUILD": 0.01} | dict.fromkeys(_LARGEST_COUNT, 0.02)
_CATEGORIES = {
    "FONDKAPREMONT_MODE": 0.315,
    "HOUSETYPE_MODE": 0.496,
    "WALLSMATERIAL_MODE": 0.490,
    "EMERGENCYSTATE_MODE": 0.524,
}


def draw(sampler: Sampler, income: Floats) -> Columns:
    """Draws the columns of the building; ``income`` are normal scores: who earns more lives larger."""
    s = sampler
    columns: Columns = {}
    unknown = s.normal()
    size = s.blend((0.15, income))

    def missing(present: float) -> Bools:
        return ~s.happens(present, s.blend((0.985, unknown)))

    for name, present in _PRESENT.items():
        average = s.number(f"{name}_AVG", s.blend((_SIZE[name], size)))
        # Median and mode of the building's flats are mostly the average, or close to it.
        spread = _SPREAD.get(name, 0.06)
        median = np.where(s.happens(0.7), average, average * np.exp(spread / 3 * s.normal()))
        mode = np.where(s.happens(0.4), average, average * np.exp(spread * (s.normal() - 0.5)))
        absent = missing(present)
        for suffix, values in (("AVG", average), ("MODE", mode), ("MEDI", median)):
            largest = _LARGEST_COUNT.get(name)
            steps = np.round(values * largest) / largest if largest else values
            columns[f"{name}_{suffix}"] = missing_where(absent, np.round(np.clip(steps, 0, 1), 4))
    total = s.number("TOTALAREA_MODE", s.blend((0.94, size)))
    columns["TOTALAREA_MODE"] = missing_where(missing(0.515), np.round(total, 4))
    for name, present in _CATEGORIES.items():
        columns[name] = np.where(missing(present), MISSING, s.value(name))
    return columns
