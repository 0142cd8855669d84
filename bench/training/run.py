#!/usr/bin/env python3
"""run.py LOGITD FIT OUT.md [--quick] [--only PART]...

What trainings cost, each part beside what it is compared with, as text for bench/RESULTS.md: medians, in
parentheses the least and the most. FIT is the program of benches/fit. Every part lays its text into a folder
beside OUT.md and OUT.md is made of all that are there, so that one of them can be measured anew. Needs
postgresql, wrk and oha (BENCH_OHA), and the packages of requirements.txt in the Python that runs it.
"""

import argparse
import pathlib
import shutil
import tempfile

import beside
import fits
import pipelines
import sizes

PARTS = {
    "pipelines": pipelines.measure,
    "fit": fits.measure,
    "search": fits.search,
    "sizes": sizes.measure,
    "beside": beside.measure,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("logitd", "fit", "out"):
        parser.add_argument(name, type=lambda given: pathlib.Path(given).absolute())
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=PARTS)
    of = parser.parse_args()
    texts = of.out.with_suffix("")
    texts.mkdir(parents=True, exist_ok=True)
    for part in of.only or PARTS:
        of.folder = pathlib.Path(tempfile.mkdtemp(prefix="logitd-bench-"))
        # PostgreSQL runs as somebody else.
        of.folder.chmod(0o755)
        try:
            text = "\n".join(PARTS[part](of)) + "\n"
        finally:
            shutil.rmtree(of.folder)
        (texts / f"{part}.md").write_text(text)
        print(text, flush=True)
    there = [(texts / f"{part}.md") for part in PARTS]
    there = [file.read_text() for file in there if file.is_file()]
    out = ["Medians, in parentheses the least and the most of the rounds.\n", *there]
    of.out.write_text("\n".join(out))


if __name__ == "__main__":
    main()
