"""The features of a customer on a day: sums over the thirty days before it, for Spark."""

from __future__ import annotations

from pyspark.ml import Transformer
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as column

DAY = 24 * 60 * 60


class ChurnSignals(Transformer):  # type: ignore[misc]
    """What Azure ML calls with the rows of the source; the columns are those of FeatureSetSpec.yaml."""

    def _transform(self, dataset: DataFrame) -> DataFrame:
        month = (
            Window.partitionBy("customer_id")
            .orderBy(column.col("day").cast("timestamp").cast("long"))
            .rangeBetween(-30 * DAY, 0)
        )
        return dataset.select(
            "customer_id",
            "day",
            column.sum("support_calls").over(month).cast("int").alias("support_calls_30d"),
            column.sum("data_gb").over(month).alias("data_gb_30d"),
        )
