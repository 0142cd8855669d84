"""Checks the Kubernetes objects on standard input, strictly, against the schemas of every version
from 1.30 on that kubernetes-validate ships. Ends with 1 and tells every fault."""

import sys

import kubernetes_validate
import yaml

OLDEST = (1, 30)


def main() -> int:
    versions = sorted(
        {tuple(map(int, version.split(".")[:2])) for version in kubernetes_validate.utils.all_versions()}
    )
    versions = [f"{major}.{minor}" for major, minor in versions if (major, minor) >= OLDEST]
    objects = [one for one in yaml.safe_load_all(sys.stdin) if one]
    faults = 0
    for one in objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        for version in versions:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as fault:
                place = ".".join(map(str, fault.path))
                print(f"{name}, Kubernetes {version}: {place}: {fault.message[:300]}")
                faults += 1
            except kubernetes_validate.SchemaNotFoundError as fault:
                print(f"{name}, Kubernetes {version}: {fault.message}")
                faults += 1
    if faults == 0:
        print(f"{len(objects)} objects are valid for Kubernetes {', '.join(versions)}")
    return 1 if faults or not objects else 0


if __name__ == "__main__":
    sys.exit(main())
