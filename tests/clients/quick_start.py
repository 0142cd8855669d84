"""Runs the commands of `openapi/README.md` against a running service and compares what they print.

    python3 tests/clients/quick_start.py target/debug/logitd

They run as they stand but for the address, which is that of a demo on a free port, for the folder `clients`,
which may be the developer's own, and for where cargo builds, which is where the stories have built already.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "openapi" / "README.md"
SECTION = "## Three commands to a typed prediction\n"
LANGUAGES = ["Python", "TypeScript", "Rust"]
SHOWN_ADDRESS, SHOWN_FOLDER = "http://127.0.0.1:8080", "clients/"
BUILT = {"CARGO_TARGET_DIR": str(ROOT / "target" / "clients" / "rust")}
PATIENCE_SECONDS = 600


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks: what they are, and what is in them."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def quick_starts() -> dict[str, list[tuple[str, str]]]:
    """The blocks of each language, in the order of the page."""
    _, section = README.read_text().split(SECTION)
    section = section.split("\n## ")[0]
    _, *parts = section.split("\n### ")
    return {part.split("\n")[0]: blocks(part) for part in parts}


def run(command: str, address: str, folder: str) -> str:
    here = command.replace(SHOWN_ADDRESS, address)
    here = re.sub(rf"(?<![\w/]){SHOWN_FOLDER}", f"{folder}/", here)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here],
        cwd=ROOT, env=os.environ | BUILT, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )
    if ran.returncode != 0:
        sys.exit(f"failed: {here}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def check(language: str, page: list[tuple[str, str]], address: str, folder: str) -> None:
    kinds = [kind for kind, _ in page]
    if kinds != ["sh", "sh", "sh", "text"]:
        sys.exit(f"{language}: expected three commands and what the last one prints, found {kinds}")
    commands, shown = [text for _, text in page[:3]], page[3][1]
    said = [run(command, address, folder) for command in commands]
    if said[2] != shown:
        sys.exit(f"{language}: shown {shown!r}, printed {said[2]!r}")
    print(f"{language}: {shown.strip()}")


def main(logitd: str) -> None:
    program = str(Path(logitd).resolve())
    with tempfile.TemporaryDirectory() as work:
        service = subprocess.Popen(
            [program, "demo", "--listen", "127.0.0.1:0"],
            cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        try:
            assert service.stdout is not None
            told = (re.search(r"(http://\S+)/docs", line) for line in service.stdout)
            address = next((found.group(1) for found in told if found), None)
            if address is None:
                sys.exit("the demo ended without an address")
            pages = quick_starts()
            if list(pages) != LANGUAGES:
                sys.exit(f"expected {LANGUAGES}, found {list(pages)}")
            for language, page in pages.items():
                check(language, page, address, f"{work}/clients")
        finally:
            service.terminate()
            service.wait(PATIENCE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
