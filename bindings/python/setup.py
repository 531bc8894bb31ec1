"""Builds the extension, and first, where it is not there yet, the library that it links."""

import os
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.bdist_wheel import bdist_wheel

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))


def library_folder() -> str:
    """Where lib/libinferencekey.so and include/inferencekey.h are."""
    given = os.environ.get("INFERENCEKEY_LIBRARY")
    folder = given or os.path.join(REPOSITORY, ".build-library", "dist")
    if not os.path.exists(os.path.join(folder, "lib", "libinferencekey.so")):
        script = os.path.join(REPOSITORY, "scripts", "build-library")
        if given or not os.path.exists(script):
            sys.exit(
                "error: libinferencekey.so is not there: "
                + (f"INFERENCEKEY_LIBRARY={given} has no lib/libinferencekey.so." if given else
                   "install from a checkout of the repository, or set INFERENCEKEY_LIBRARY to a folder that has it.")
            )
        subprocess.run([script], check=True, stdout=subprocess.DEVNULL)
    return folder


class BuildWithLibrary(build_ext):
    def run(self) -> None:
        folder = library_folder()
        for extension in self.extensions:
            extension.include_dirs.append(os.path.join(folder, "include"))
            extension.library_dirs.append(os.path.join(folder, "lib"))
        super().run()
        # The library lies beside the extension, which finds it there.
        place = os.path.dirname(self.get_ext_fullpath("inferencekey._core"))
        os.makedirs(place, exist_ok=True)
        shutil.copy2(os.path.join(folder, "lib", "libinferencekey.so"), place)


class StableWheel(bdist_wheel):
    def finalize_options(self) -> None:
        self.py_limited_api = "cp39"
        super().finalize_options()


setup(
    ext_modules=[
        Extension(
            "inferencekey._core",
            ["src/inferencekey/_core.c", "src/inferencekey/_texts.c"],
            depends=["src/inferencekey/_texts.h"],
            libraries=["inferencekey"],
            define_macros=[("Py_LIMITED_API", "0x03090000")],
            extra_compile_args=["-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-unused-parameter"],
            extra_link_args=["-Wl,-rpath,$ORIGIN", "-s"],
            py_limited_api=True,
        )
    ],
    cmdclass={"build_ext": BuildWithLibrary, "bdist_wheel": StableWheel},
)
