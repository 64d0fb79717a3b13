"""Writes the data of the example product: customers, weekly demand, reviews and a list of images.

Made up, but with a signal in it, so that a model has something to learn. The same seed gives the same
bytes on every machine and every Python: `python ml_assets/assets/data/generate.py` changes nothing unless
this file has changed. Needs the standard library only.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

CUSTOMERS = 1200
FIRST_MONDAY = date(2025, 1, 6)
STORES = {"centre": 320.0, "harbour": 210.0, "station": 270.0, "west": 140.0}  # units of an ordinary week
IMAGES = "azureml://datastores/product_blob/paths/images"


def customers(seed: int) -> Iterable[dict[str, object]]:
    """One row a customer; `churned` is 1 for one who left within the quarter."""
    rng = random.Random(seed)
    for number in range(1, CUSTOMERS + 1):
        contract = rng.choices(("monthly", "yearly", "two_years"), (55, 30, 15))[0]
        payment = rng.choice(("card", "invoice", "transfer"))
        tenure = min(72, int(rng.expovariate(1 / 22)))
        calls = min(9, int(rng.expovariate(1 / 1.4)))
        charge = round(rng.gauss(62, 18), 2)
        usage = round(max(0.1, rng.gauss(24, 11)), 1)
        risk = (
            -1.3
            + {"monthly": 1.3, "yearly": -0.6, "two_years": -1.6}[contract]
            + 0.5 * (calls - 1.2)
            - 0.09 * (min(tenure, 30) - 12)
            # What adding up points per column does not see.
            + (2.2 if contract == "monthly" and charge > 70 else 0.0)
            + (2.0 if payment == "invoice" and calls >= 2 else 0.0)
            + (1.8 if usage < 14 and contract != "monthly" else 0.0)
        )
        yield {
            "customer_id": f"C{number:05}",
            "tenure_months": tenure,
            # Some rows lack a value, as the export of a real system does.
            "monthly_charge": charge if rng.random() > 0.02 else "",
            "support_calls": calls,
            "data_gb": usage if rng.random() > 0.03 else "",
            "contract": contract,
            "payment": payment,
            "churned": int(rng.random() < 1 / (1 + math.exp(-risk))),
        }


def demand(seed: int, year: int) -> Iterable[dict[str, object]]:
    """One row a store and week: units sold, with a trend, a season and promotions."""
    rng = random.Random(f"{seed}-{year}")
    for week in range(52):
        day = FIRST_MONDAY + timedelta(weeks=week + 52 * (year - FIRST_MONDAY.year))
        season = math.sin(2 * math.pi * (day.timetuple().tm_yday - 80) / 365)
        temperature = round(10 + 9 * season + rng.gauss(0, 2), 1)
        for store, ordinary in STORES.items():
            promotion = int(rng.random() < 0.2)
            price = round(4.9 - 0.8 * promotion + rng.gauss(0, 0.1), 2)
            trend = 1 + 0.0015 * (day - FIRST_MONDAY).days / 7
            units = ordinary * trend * (1 + 0.25 * season + 0.35 * promotion) * rng.gauss(1, 0.05)
            yield {
                "week": day.isoformat(),
                "store": store,
                "price": price,
                "promotion": promotion,
                "temperature": temperature,
                "units": round(units),
            }


def reviews(seed: int, table: str, rows: int) -> Iterable[dict[str, object]]:
    """Short texts with a label, for the text classification job; each table has rows of its own."""
    rng = random.Random(f"{seed}-{table}")
    subjects = ("delivery", "support", "price", "app", "invoice", "network")
    tones = {
        "positive": ("was better than expected", "worked at once", "made my week easier"),
        "neutral": ("is as described", "has changed since last year", "could not be compared yet"),
        "negative": ("took far too long", "failed twice", "was not what we agreed"),
    }
    for _ in range(rows):
        label = rng.choice(sorted(tones))
        yield {"text": f"The {rng.choice(subjects)} {rng.choice(tones[label])}.", "label": label}


def images(seed: int) -> Iterable[dict[str, object]]:
    """The rows of an image table: where an image is, and what it shows."""
    rng = random.Random(f"{seed}-images")
    for number in range(1, 21):
        label = rng.choice(("damaged", "intact"))
        yield {
            "image_url": f"{IMAGES}/{number:04}.jpg",
            "label": label,
            "image_details": {"format": "jpg", "width": "640px", "height": "480px"},
        }


def write_csv(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Writes rows of the same keys with a header; line ends are the same on every system."""
    table = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def write_all(folder: Path, seed: int) -> None:
    """Writes every file below a folder that has the sub-folders of this one."""
    write_csv(folder / "churn" / "customers.csv", customers(seed))
    for year in (2025, 2026):
        write_csv(folder / "demand" / f"{year}.csv", demand(seed, year))
    for table, rows in (("reviews", 60), ("reviews-validation", 20)):
        write_csv(folder / table / "reviews.csv", reviews(seed, table, rows))
    lines = "".join(json.dumps(row) + "\n" for row in images(seed))
    (folder / "product-images" / "images.jsonl").write_text(lines, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent, help="where data/ is")
    parser.add_argument("--seed", type=int, default=4711)
    arguments = parser.parse_args()
    write_all(arguments.folder, arguments.seed)
