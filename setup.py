"""Which packages a wheel holds; all else that is said of it stands in pyproject.toml.

The migrations lie in `alembic/`, beside the packages, as whoever works on a checkout looks for them there. A
wheel cannot hold a folder of that name, which is a library's: it holds them as `app/migrations`.
"""

from setuptools import find_namespace_packages, setup

setup(
    packages=[
        *find_namespace_packages(include=["app", "app.*", "detectors", "detectors.*"]),
        "app.migrations",
        "app.migrations.versions",
    ],
    package_dir={"app.migrations": "alembic"},
)
