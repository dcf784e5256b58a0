"""Builds the image of a tree: `python .ci/image.py TREE NAME`.

If root has debootstrap and buildah, the base is made from Debian's packages, and no registry of images is asked.
Otherwise the first program of `TOOLS` that is installed builds it on the base that the Containerfile names.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = ("podman", "buildah", "docker")
SUITE = "trixie"
BASE = "localhost/placement-base:trixie"
_UNUSED = (
    *("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/lib/*/gconv"),
    *("var/cache/apt", "var/lib/apt/lists"),
)
"""The folders that the base does without. The small Debian of the registry has no documentation either."""
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def build(tree: Path, name: str) -> str | None:
    """Returns the program in whose store the image is; `None` without an installed program."""
    if os.geteuid() == 0 and all(map(shutil.which, ("buildah", "debootstrap"))):
        _make_base()
        _run("buildah", "build", *limits(), *on_own_base(), *_of(name), ".", cwd=tree)
        return "buildah"
    tool = next(filter(shutil.which, TOOLS), None)
    if tool is not None:
        _run(tool, "build", *(() if tool == "docker" else ("--format", "docker")), *_of(name), ".", cwd=tree)
    return tool


def limits() -> tuple[str, ...]:
    """Returns the options that keep the limits of this process: a container may be forbidden to raise them."""
    kept = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    return tuple(f"--ulimit={name}={':'.join(map(str, resource.getrlimit(which)))}" for name, which in kept.items())


def _make_base() -> None:
    if BASE in _run("buildah", "images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        _run("debootstrap", "--variant=minbase", SUITE, str(root))
        for unused in _UNUSED:
            for folder_unused in root.glob(unused):
                shutil.rmtree(folder_unused)
        made = _run("buildah", "from", "scratch")
        _run("buildah", "add", "--quiet", made, str(root), "/")
        _run("buildah", "commit", "--quiet", "--rm", made, BASE)


def on_own_base() -> tuple[str, ...]:
    """Returns the options of a build on our base, which works within a container too."""
    shared = ("--isolation=chroot", "--network=host", "--format=docker", f"--build-arg=BASE={BASE}")
    inside = "/run/certificates.crt"
    trusted = (f"--volume={_CERTIFICATES}:{inside}:ro", f"--build-arg=PIP_CERT={inside}")
    return (*shared, *(trusted if _CERTIFICATES.exists() else ()))


def _of(name: str) -> tuple[str, ...]:
    return ("--file", "deploy/Containerfile", "--tag", name)


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}\n{done.stdout}")
    return done.stdout.strip()


if __name__ == "__main__":
    store = build(Path(sys.argv[1]), sys.argv[2])
    without = f"not built, because no program is installed for it ({', '.join(TOOLS)}); the other files are complete"
    print(f"{sys.argv[2]}, in the store of {store}" if store else without)  # noqa: T201 - its result
