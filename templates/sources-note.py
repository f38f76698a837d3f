"""Notes what is there while a source is asked what it needs. Every Python of a build loads this file at its start.

A line of the notes: the name of the source, and `name==version` of each distribution in the build's environment.
"""
import os
import sys


def note():
    if not os.path.isfile("PKG-INFO"):
        return
    with open("PKG-INFO", "rb") as file:
        head = file.read(65536).decode("utf-8", "replace").splitlines()
    names = [line[len("Name:") :].strip() for line in head if line.startswith("Name:")]
    packages = [path for path in sys.path if path.startswith(sys.prefix) and path.endswith("site-packages")]
    words = set()
    for path in packages:
        for entry in os.listdir(path):
            name, separator, version = entry[: -len(".dist-info")].partition("-")
            if entry.endswith(".dist-info") and separator:
                words.add(name + "==" + version)
    with open(os.environ["ENVCTL_NOTES"], "a") as notes:
        notes.write(" ".join(names[:1] + sorted(words)) + "\n")


try:
    note()
except Exception:
    # A build does not fail for want of a note.
    pass
