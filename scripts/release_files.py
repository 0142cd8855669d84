#!/usr/bin/env python3
"""What the files of a release tell, and what they must not.

    release_files.py anonymous SBOM CHECKOUT        takes the paths of the building machine out of the SBOM
    release_files.py check BINARY SBOM PLACE...     fails unless the two tell the same crates, and no PLACE

A PLACE is a directory of the building machine: who gets the files learns nothing of it, and the same source gives
the same names wherever it is built. tests/release/files.py plants every fault.
"""
import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

# Far fewer than there are: a list that was cut off, or is another program's.
FEWEST_CRATES = 100


def crates_inside(binary):
    """As the binary tells it (cargo-auditable): each crate's name and version, and the list's whole text."""
    with tempfile.NamedTemporaryFile() as section:
        command = ["objcopy", "--dump-section", f".dep-v0={section.name}", str(binary), "/dev/null"]
        ran = subprocess.run(command, capture_output=True, text=True)
        packed = Path(section.name).read_bytes()
    if ran.returncode or not packed:
        raise SystemExit(f"{binary.name} holds no list of its crates: {ran.stderr.strip()}")
    text = zlib.decompress(packed)
    packages = json.loads(text)["packages"]
    return {(crate["name"], crate["version"]) for crate in packages if crate.get("kind", "runtime") == "runtime"}, text


def crates_beside(text):
    bom = json.loads(text)
    if bom.get("bomFormat") != "CycloneDX":
        raise SystemExit("the SBOM is not in the form of CycloneDX")
    return {(crate["name"], crate["version"]) for crate in [bom["metadata"]["component"], *bom["components"]]}


def anonymous(text, checkout):
    """References and package URLs of our own crates without the directory that they were built in."""
    text = text.replace(f"path+file://{checkout}", "workspace:")
    # Where to fetch it from: nowhere, a path is no address for anybody else.
    return re.sub(r"(pkg:cargo/[^\"?#]+)\?download_url=file://[^\"#]*", r"\1", text)


def told(data, places):
    """The places that the bytes name, each with where it stands first."""
    for place in places:
        at = data.find(place.rstrip("/").encode() + b"/")
        if at >= 0:
            yield f"{data[at:at + 100].split(bytes(1))[0].decode(errors='replace')!r}"


def faults(binary, sbom, places):
    inside, listed = crates_inside(binary)
    beside = crates_beside(sbom.read_bytes())
    for name, version in sorted(inside - beside):
        yield f"in the binary and not in the SBOM: {name} {version}"
    if len(inside) < FEWEST_CRATES:
        yield f"the binary tells {len(inside)} crates: too few"
    for name, data in (("binary", binary.read_bytes()), ("binary's list", listed), ("SBOM", sbom.read_bytes())):
        for found in told(data, places):
            yield f"a path of this machine stands in the {name}: {found}"
    if b"file://" in sbom.read_bytes():
        yield "the SBOM names a file of the building machine (file://)"


def main():
    match sys.argv[1:]:
        case ["anonymous", sbom, checkout]:
            Path(sbom).write_text(anonymous(Path(sbom).read_text(), checkout))
        case ["check", binary, sbom, *places] if places:
            binary, sbom = Path(binary), Path(sbom)
            found = list(faults(binary, sbom, places))
            if found:
                raise SystemExit("\n".join(found))
            print(f"{len(crates_inside(binary)[0])} crates in the binary, all of them in the SBOM; no path of this machine")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
