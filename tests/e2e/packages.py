"""Python packages that only one of the tests needs."""

import importlib
import subprocess
import sys

from sosie import ROOT


def module_from(venv, package, module):
    """`module` of `package` ("pymongo==4.10.1"), from a venv under build/ that is made when it is
    not there: its packages are added to this process's path."""
    folder = ROOT / "build" / venv
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check",
                        package], check=True)
        (folder / "installed").touch()
    packages = str(folder / "lib" / version / "site-packages")
    if packages not in sys.path:
        sys.path.append(packages)
    return importlib.import_module(module)
