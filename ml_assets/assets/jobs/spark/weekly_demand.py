"""Adds up the receipts of the stores to units per store and week, for Spark."""

from __future__ import annotations

import argparse

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as column


def weekly(receipts: DataFrame) -> DataFrame:
    """One row a store and week (its Monday): units, mean price, and whether anything was on promotion."""
    week = column.date_trunc("week", column.col("sold_at")).cast("date").alias("week")
    return (
        receipts.where(column.col("units") > 0)
        .groupBy(week, "store")
        .agg(
            column.round(column.avg("price"), 2).alias("price"),
            column.max(column.col("promotion").cast("int")).alias("promotion"),
            column.sum("units").alias("units"),
        )
        .orderBy("week", "store")
    )


def main() -> None:
    """Reads Parquet, adds up, and writes one CSV file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", required=True, help="folder of Parquet files")
    parser.add_argument("--weeks", required=True, help="folder to write to")
    arguments = parser.parse_args()

    session = SparkSession.builder.appName("weekly-demand").getOrCreate()
    weeks = weekly(session.read.parquet(arguments.receipts))
    weeks.coalesce(1).write.mode("overwrite").option("header", value=True).csv(arguments.weeks)


if __name__ == "__main__":
    main()
