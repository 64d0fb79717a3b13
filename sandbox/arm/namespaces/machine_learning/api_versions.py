"""API versions that clients of Azure Machine Learning send."""

from __future__ import annotations

# What azure-ai-ml 1.35 and the Azure CLI's ml extension send, beside the stable versions.
API_VERSIONS = (
    "2021-07-01", "2021-10-01", "2022-02-01-preview", "2022-05-01", "2022-10-01", "2022-10-01-preview",
    "2023-02-01-preview", "2023-04-01", "2023-04-01-preview", "2023-06-01-preview", "2023-08-01-preview",
    "2023-10-01", "2024-01-01-preview", "2024-04-01", "2024-04-01-preview", "2024-07-01-preview",
    "2024-10-01", "2024-10-01-preview", "2025-01-01-preview", "2025-04-01", "2025-06-01", "2025-09-01",
    "2025-12-01",
)  # fmt: skip
