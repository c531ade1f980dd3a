"""The part of an application that says who the client is: family, work, income, home region, how to reach them."""

from dataclasses import dataclass

import numpy as np

from pipeline.synthetic.columns import MISSING, NO_DATE, Bools, Columns, Floats, Ints, code
from pipeline.synthetic.population import Clients
from pipeline.synthetic.sampler import Given, Sampler, missing_where

_T = "application"
_DAYS_PER_YEAR = 365.25
_AGE_BANDS = ("under 30", "30 to 44", "45 to 59", "60 and over")
# Types of income with too few clients to measure their own ages and incomes are drawn as "Working".
_INCOME_GROUPS = ("Working", "Commercial associate", "State servant", "Pensioner")


@dataclass(frozen=True)
class Person:
    """The columns, and the normal scores behind those that other columns and the risk depend on."""

    columns: Columns
    pensioner: Bools
    female: Bools
    higher_education: Bools
    # High: young; high: employed for a short time; high: earns much.
    youth: Floats
    short_employment: Floats
    income: Floats


def draw(sampler: Sampler, clients: Clients) -> Person:
    """Draws the columns about the person."""
    s = sampler
    columns: Columns = {}
    income_type = s.value("NAME_INCOME_TYPE")
    group = _income_group(income_type)
    pensioner = income_type == code(_T, "NAME_INCOME_TYPE", "Pensioner")
    gender = s.value("CODE_GENDER", group)
    female = gender == code(_T, "CODE_GENDER", "F")
    by_gender = Given(gender, ("F", "M", "XNA"))
    education = s.value("NAME_EDUCATION_TYPE", group)
    higher = education == code(_T, "NAME_EDUCATION_TYPE", "Higher education")

    youth = s.normal()
    days_birth = np.round(s.number("DAYS_BIRTH", youth, group)).astype(np.int64)
    age = Given(np.digitize(-days_birth / _DAYS_PER_YEAR, [30, 45, 60]), _AGE_BANDS)
    family = s.value("NAME_FAMILY_STATUS", age)
    children = s.value("CNT_CHILDREN", age)
    couple = np.isin(family, [code(_T, "NAME_FAMILY_STATUS", name) for name in ("Married", "Civil marriage")])
    region_rating = s.value("REGION_RATING_CLIENT")

    # Men, graduates and the inhabitants of the best regions earn more; the weights keep the variance near 1.
    income = s.blend((0.75, clients.affluence), (0.2, clients.solvency))
    income = 0.9 * income + 0.45 * (higher - 0.24) - 0.45 * (female - 0.66) - 0.45 * (region_rating - 2.05)
    amount = s.number("AMT_INCOME_TOTAL", income, group)
    # People state round incomes.
    step = np.choose(s.rng.choice(3, s.rows, p=[0.6, 0.35, 0.05]), [22500.0, 4500.0, 450.0])
    income_total = np.maximum(np.round(amount / step) * step, 25650.0)

    columns["CODE_GENDER"] = gender
    columns["FLAG_OWN_CAR"] = car = s.value("FLAG_OWN_CAR", by_gender)
    columns["FLAG_OWN_REALTY"] = s.value("FLAG_OWN_REALTY")
    columns["CNT_CHILDREN"] = children
    columns["AMT_INCOME_TOTAL"] = income_total
    columns["NAME_INCOME_TYPE"] = income_type
    columns["NAME_EDUCATION_TYPE"] = education
    columns["NAME_FAMILY_STATUS"] = family
    columns["NAME_HOUSING_TYPE"] = s.value("NAME_HOUSING_TYPE", age)
    columns["CNT_FAM_MEMBERS"] = 1.0 + couple + children
    columns["DAYS_BIRTH"] = days_birth
    no_car = car == code(_T, "FLAG_OWN_CAR", "N")
    columns["OWN_CAR_AGE"] = missing_where(no_car, np.round(s.number("OWN_CAR_AGE", s.normal())))
    short_employment = _work(s, columns, group, by_gender, youth)
    _region(s, columns, region_rating)
    _contact(s, columns, pensioner)
    _dates(s, columns, youth)
    return Person(columns, pensioner, female, higher, youth, short_employment, income)


def _income_group(income_type: Ints) -> Given:
    codes = np.zeros(len(income_type), dtype=np.int64)
    for position, name in enumerate(_INCOME_GROUPS):
        codes[income_type == code(_T, "NAME_INCOME_TYPE", name)] = position
    return Given(codes, _INCOME_GROUPS)


def _work(s: Sampler, columns: Columns, group: Given, by_gender: Given, youth: Floats) -> Floats:
    pensioner = columns["NAME_INCOME_TYPE"] == code(_T, "NAME_INCOME_TYPE", "Pensioner")
    idle = pensioner | (columns["NAME_INCOME_TYPE"] == code(_T, "NAME_INCOME_TYPE", "Unemployed"))
    short = s.blend((0.35, youth))
    days = np.round(s.number("DAYS_EMPLOYED", short)).astype(np.int64)
    # Nobody has worked longer than since the age of 16.
    days = np.maximum(days, np.minimum(columns["DAYS_BIRTH"] + 16 * 365, -1))
    columns["DAYS_EMPLOYED"] = np.where(idle, NO_DATE, days)
    columns["FLAG_EMP_PHONE"] = (~idle).astype(np.int64)
    columns["OCCUPATION_TYPE"] = np.where(idle, MISSING, s.value("OCCUPATION_TYPE", by_gender))
    nobody = code(_T, "ORGANIZATION_TYPE", "XNA")
    columns["ORGANIZATION_TYPE"] = np.where(idle, nobody, s.value("ORGANIZATION_TYPE", group))
    return np.where(idle, -0.3, short)


def _region(s: Sampler, columns: Columns, rating: Ints) -> None:
    by_rating = Given(rating, ("", "1", "2", "3"))
    columns["REGION_RATING_CLIENT"] = rating
    columns["REGION_RATING_CLIENT_W_CITY"] = s.value("REGION_RATING_CLIENT_W_CITY", by_rating)
    population = s.number("REGION_POPULATION_RELATIVE", s.normal(), by_rating)
    columns["REGION_POPULATION_RELATIVE"] = np.round(population, 6)
    # The three flags of a level are measured together, as a number of three binary digits.
    for level in ("REGION", "CITY"):
        names = [f"REG_{level}_NOT_LIVE_{level}", f"REG_{level}_NOT_WORK_{level}", f"LIVE_{level}_NOT_WORK_{level}"]
        digits = s.value("|".join(names))
        for position, name in enumerate(names):
            columns[name] = digits // 10 ** (2 - position) % 10


def _contact(s: Sampler, columns: Columns, pensioner: Bools) -> None:
    by_work = Given(pensioner.astype(np.int64), ("Employed", "Pensioner"))
    columns["FLAG_MOBIL"] = np.ones(s.rows, dtype=np.int64)
    columns["FLAG_CONT_MOBILE"] = s.value("FLAG_CONT_MOBILE")
    for name in ("FLAG_WORK_PHONE", "FLAG_PHONE", "FLAG_EMAIL"):
        columns[name] = s.value(name, by_work)


def _dates(s: Sampler, columns: Columns, youth: Floats) -> None:
    born = columns["DAYS_BIRTH"]
    registration = s.number("DAYS_REGISTRATION", s.blend((0.33, youth)))
    columns["DAYS_REGISTRATION"] = np.round(np.maximum(registration, born))
    published = np.round(s.number("DAYS_ID_PUBLISH", s.blend((0.28, youth)))).astype(np.int64)
    # An identity card is issued at 14 at the earliest.
    columns["DAYS_ID_PUBLISH"] = np.maximum(published, born + 14 * 365)
