"""Names of images taken apart, and what counts as a pin of a package."""

from __future__ import annotations

import pytest

from azureml_guard.images import Image, image_of, packages_are_pinned
from azureml_guard.values import UNKNOWN, Secret

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("python", Image("docker.io", "", "")),
        ("contoso/scoring:1", Image("docker.io", "1", "")),
        ("MCR.microsoft.com/azureml/base:20250601.v1", Image("mcr.microsoft.com", "20250601.v1", "")),
        ("localhost/base:1", Image("localhost", "1", "")),
        ("localhost:5000/base", Image("localhost:5000", "", "")),
        (f"crprod.azurecr.io/base@{DIGEST}", Image("crprod.azurecr.io", "", DIGEST)),
        (f"crprod.azurecr.io/base:1@{DIGEST}", Image("crprod.azurecr.io", "1", DIGEST)),
        ("crprod.azurecr.io/base@sha256:0123", Image("crprod.azurecr.io", "", "")),
    ],
)
def test_an_image_is_taken_apart(name: str, image: Image) -> None:
    assert image_of(name) == image


@pytest.mark.parametrize(
    "line",
    [
        "python=3.10",
        "numpy==1.26.4",
        "conda-forge::numpy = 1.26.4",
        "numpy=1.26.4=py310h1",
        "pytorch=2.3.1=*cuda*",
    ],
)
def test_conda_packages_with_one_version_are_pinned(line: str) -> None:
    assert packages_are_pinned({"dependencies": [line]}) is True


@pytest.mark.parametrize("line", ["python", "numpy>=1.26", "numpy=1.*", "numpy=1.26,<2", "", 3])
def test_other_conda_packages_are_not(line: object) -> None:
    assert packages_are_pinned({"dependencies": ["python=3.10", line]}) is False


@pytest.mark.parametrize(
    "line",
    [
        "pandas==2.3.3",
        "pandas===2.3.3",
        "uvicorn[standard] == 0.30.1",
        "pandas==2.3.3 ; python_version > '3.9'",
        f"pandas==2.3.3 --hash={DIGEST}",
        "pandas==2.3.3  # what the tests run with",
        "churn @ git+https://git.contoso.com/churn@0123456789abcdef0123456789abcdef01234567",
        f"churn @ https://files.contoso.com/churn-1.whl#sha256={'a' * 64}",
        "--no-binary=churn",
        "-f https://files.contoso.com",
    ],
)
def test_pip_packages_with_one_version_are_pinned(line: str) -> None:
    assert packages_are_pinned({"dependencies": [{"pip": [line]}]}) is True


@pytest.mark.parametrize(
    "line",
    [
        "pandas",
        "pandas>=2",
        "pandas==2.*",
        "pandas==2.3.3,<3",
        "-e .",
        "--editable .",
        "churn @ git+https://git.contoso.com/churn@main",
        "https://files.contoso.com/churn-1.whl",
        None,
    ],
)
def test_other_pip_packages_are_not(line: object) -> None:
    assert packages_are_pinned({"dependencies": ["pip=25.2", {"pip": [line]}]}) is False


@pytest.mark.parametrize(
    "conda",
    [
        {"dependencies": UNKNOWN},
        {"dependencies": [UNKNOWN]},
        {"dependencies": [{"pip": [UNKNOWN]}]},
        {"dependencies": [{"pip": UNKNOWN}]},
        {"dependencies": [{"pip": ["-r requirements.txt"]}]},
        {"dependencies": [{"pip": ["-c constraints.txt"]}]},
    ],
)
def test_what_is_not_known_is_not_told(conda: object) -> None:
    assert packages_are_pinned(conda) is None


def test_one_package_without_pin_outweighs_what_is_not_known() -> None:
    assert packages_are_pinned({"dependencies": ["numpy", UNKNOWN]}) is False


@pytest.mark.parametrize(
    "conda", ["", "dependencies: [", "- numpy", {"name": "training"}, {"dependencies": "numpy"}]
)
def test_what_is_no_conda_file_is_not_pinned(conda: object) -> None:
    assert packages_are_pinned(conda) is False


def test_a_secret_is_looked_into() -> None:
    assert packages_are_pinned({"dependencies": Secret([Secret("numpy")])}) is False
