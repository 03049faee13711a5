#!/usr/bin/env python3
"""Runs clang-tidy 19 over the sources of the project, in parallel, and remembers what was clean.

A file is skipped when its text, every project header it reaches, its compile command, .clang-tidy
and the tool's version are what they were when it last passed. The memory is kept outside the build
tree, so that a fresh clone profits too.

Usage: ci/linux/tidy.py [FILE...]     without a FILE: every source in the compile database
Environment: ROBOSYNC_JOBS       how many run at once (default: the processors)
             ROBOSYNC_CACHE_DIR  where the memory is kept (default: ~/.cache/robosync)
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "tidy"
TOOL = "clang-tidy-19"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def cache_dir():
    base = os.environ.get("ROBOSYNC_CACHE_DIR") or pathlib.Path.home() / ".cache" / "robosync"
    return pathlib.Path(base) / "tidy"


@functools.lru_cache(maxsize=None)
def text_and_includes(path):
    text = path.read_text(errors="surrogateescape")
    headers = [ROOT / name for name in INCLUDE.findall(text)]
    return text, tuple(header for header in headers if header.is_file())


def reachable(path):
    """The file and every project header it includes, directly or not."""
    seen, todo = set(), [path]
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo.extend(text_and_includes(here)[1])
    return sorted(seen)


def key(path, command, common):
    digest = hashlib.sha256(common)
    digest.update(command.replace(str(ROOT), "").encode())
    for each in reachable(path):
        digest.update(str(each.relative_to(ROOT)).encode() + b"\0")
        digest.update(text_and_includes(each)[0].encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


def check(path):
    done = subprocess.run(
        [TOOL, "--quiet", "-p", str(BUILD), str(path)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    said = done.stdout + (done.stderr if done.returncode else "")
    # The count is of warnings in other people's headers, which are not shown.
    return done.returncode == 0, re.sub(r"^\d+ warnings? .*generated\.\n", "", said, flags=re.M)


def main():
    os.chdir(ROOT)
    subprocess.run(["cmake", "--preset", "tidy"], check=True, stdout=subprocess.DEVNULL,
                   stdin=subprocess.DEVNULL)
    # Generated headers must exist; nothing else is built.
    subprocess.run(["cmake", "--build", str(BUILD), "--target", "robosync_commit"], check=True,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    database = json.loads((BUILD / "compile_commands.json").read_text())
    wanted = {pathlib.Path(name).resolve() for name in sys.argv[1:]}
    version = subprocess.run([TOOL, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()

    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    todo, remembered = {}, 0
    for entry in database:
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(ROOT) or path.is_relative_to(ROOT / "build"):
            continue
        if wanted and path not in wanted:
            continue
        mark = cache / key(path, entry["command"], common)
        if mark.exists():
            mark.touch()
            remembered += 1
        else:
            todo[path] = mark

    failed = 0
    jobs = int(os.environ.get("ROBOSYNC_JOBS") or os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(check, path): path for path in todo}
        for future in concurrent.futures.as_completed(running):
            path = running[future]
            clean, said = future.result()
            if clean:
                todo[path].touch()
            else:
                failed += 1
                print(f"-- {path.relative_to(ROOT)}\n{said}", flush=True)

    month_ago = time.time() - 30 * 24 * 3600
    for mark in cache.iterdir():
        if mark.stat().st_mtime < month_ago:
            mark.unlink(missing_ok=True)
    print(f"clang-tidy: {len(todo)} checked, {remembered} unchanged since they passed, "
          f"{failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
