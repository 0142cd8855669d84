#!/usr/bin/env python3
"""What scripts/release.sh asks of its files, held against files that break it: python3 tests/release/files.py

A small program stands for logitd, so that nothing has to be built; the sections, the lists and the check are the real
ones. Every fault is planted once, so that no check passes by seeing nothing. Needs gcc, objcopy.
"""
import json
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "release_files.py"
CHECKOUT, CARGO = "/home/builder/checkout", "/home/builder/.cargo"
CRATES = [("logitd", "0.1.0"), ("migration", "0.1.0"), *((f"crate-{n}", f"1.0.{n}") for n in range(120))]


def ask(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True)


def bom(crates):
    """As cargo-cyclonedx 0.5.9 writes it, shortened."""
    def component(name, version):
        if name not in ("logitd", "migration"):
            where = f"registry+https://github.com/rust-lang/crates.io-index#{name}@{version}"
            return {"bom-ref": where, "name": name, "version": version, "purl": f"pkg:cargo/{name}@{version}"}
        where = {"logitd": f"#logitd@{version}", "migration": f"/migration#{version}"}[name]
        local = {"logitd": ".", "migration": "migration"}[name]
        return {"bom-ref": f"path+file://{CHECKOUT}{where}", "name": name, "version": version,
                "purl": f"pkg:cargo/{name}@{version}?download_url=file://{local}"}
    first, *others = [component(*crate) for crate in crates]
    target = {"bom-ref": f"{first['bom-ref']} bin-target-1", "purl": f"{first['purl']}#src/main.rs"}
    first["components"] = [target]
    depends = [{"ref": first["bom-ref"], "dependsOn": [each["bom-ref"] for each in others]}]
    return {"bomFormat": "CycloneDX", "metadata": {"component": first}, "components": others, "dependencies": depends}


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.held.name)

    @classmethod
    def tearDownClass(cls):
        cls.held.cleanup()

    def binary(self, crates=CRATES, said="/logitd/src/main.rs", source="local"):
        code, plain, listed, whole = (self.folder / name for name in ("main.c", "plain", "list", "logitd"))
        code.write_text(f'const char *place = "{said}";\nint main(void) {{ return place[0] == 0; }}\n')
        subprocess.run(["gcc", "-o", plain, code], check=True)
        if crates is None:
            return plain
        packages = [{"name": name, "version": version, "source": source} for name, version in crates]
        packages.append({"name": "only-at-build-time", "version": "1.0.0", "source": "local", "kind": "build"})
        listed.write_bytes(zlib.compress(json.dumps({"packages": packages}).encode()))
        subprocess.run(["objcopy", "--add-section", f".dep-v0={listed}", plain, whole], check=True)
        return whole

    def sbom(self, crates=CRATES, cleaned=True):
        file = self.folder / "logitd.cdx.json"
        file.write_text(json.dumps(bom(crates), indent=2))
        if cleaned:
            self.assertEqual(ask("anonymous", file, CHECKOUT).returncode, 0)
        return file

    def refused(self, binary, sbom, *words):
        ran = ask("check", binary, sbom, CHECKOUT, CARGO)
        self.assertEqual(ran.returncode, 1, ran.stdout)
        for word in words:
            self.assertIn(word, ran.stderr)

    def test_files_that_agree_and_name_no_place_pass(self):
        ran = ask("check", self.binary(), self.sbom(), CHECKOUT, CARGO)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("122 crates", ran.stdout)

    def test_the_sbom_keeps_everything_but_the_places(self):
        cleaned = json.loads(self.sbom().read_text())
        refs = [each["bom-ref"] for each in cleaned["components"]]
        own = cleaned["metadata"]["component"]
        self.assertEqual((own["bom-ref"], own["purl"]), ("workspace:#logitd@0.1.0", "pkg:cargo/logitd@0.1.0"))
        self.assertEqual(own["components"][0]["purl"], "pkg:cargo/logitd@0.1.0#src/main.rs")
        self.assertEqual(cleaned["components"][0]["purl"], "pkg:cargo/migration@0.1.0")
        self.assertEqual(cleaned["dependencies"], [{"ref": own["bom-ref"], "dependsOn": refs}])
        self.assertEqual(len({own["bom-ref"], *refs}), len(CRATES))

    def test_a_crate_that_the_sbom_leaves_out_is_told(self):
        self.refused(self.binary(), self.sbom(CRATES[:-1]), "not in the SBOM: crate-119 1.0.119")
        other = [*CRATES[:-1], ("crate-119", "2.0.0")]
        self.refused(self.binary(), self.sbom(other), "not in the SBOM: crate-119 1.0.119")

    def test_a_binary_without_its_list_or_with_a_short_one_is_refused(self):
        self.refused(self.binary(crates=None), self.sbom(), "holds no list of its crates")
        self.refused(self.binary(CRATES[:9]), self.sbom(), "tells 9 crates: too few")

    def test_a_place_of_the_machine_is_refused_wherever_it_stands(self):
        sources = f"{CARGO}/registry/src/index.crates.io-1/h2-0.4/src/server.rs"
        self.refused(self.binary(said=sources), self.sbom(), "in the binary", "h2-0.4/src/server.rs")
        self.refused(self.binary(said=f"{CHECKOUT}/src/main.rs"), self.sbom(), "in the binary", CHECKOUT)
        self.refused(self.binary(source=f"path+file://{CHECKOUT}/"), self.sbom(), "in the binary's list", CHECKOUT)
        self.refused(self.binary(), self.sbom(cleaned=False), "in the SBOM", CHECKOUT, "file://")

    def test_another_form_is_no_sbom(self):
        file = self.sbom()
        file.write_text("{}")
        self.refused(self.binary(), file, "not in the form of CycloneDX")


if __name__ == "__main__":
    unittest.main()
