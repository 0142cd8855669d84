"""A PostgreSQL of our own: the installed binaries, on a socket in a folder of the bench."""

import os
import pathlib
import shutil
import subprocess
import sys


class Postgres:
    """A cluster that lasts as long as a `with`; as `postgres` where we are root."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not found:
            sys.exit("PostgreSQL is missing: apt-get install postgresql")
        folder.mkdir()
        self.folder, self.programs = folder, found[-1]
        self.words = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            self.words = ["runuser", "-u", "postgres", "--"]

    def __enter__(self):
        options = "--username=logitd --auth=trust --encoding=UTF8 --no-locale --no-sync"
        self.call("initdb", "-D", f"{self.folder}/data", *options.split())
        settings = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c shared_buffers=256MB"
        self.call("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", settings, "start")
        return self

    def __exit__(self, *_):
        self.call("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def call(self, program, *words):
        subprocess.run([*self.words, self.programs / program, *words], check=True, stdout=subprocess.DEVNULL)

    def ours(self):
        return f"postgres://logitd@{str(self.folder).replace('/', '%2F')}/postgres"

    def theirs(self, driver):
        return f"postgresql{driver}://logitd@/postgres?host={self.folder}"
