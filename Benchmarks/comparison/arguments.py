"""What the scripts accept on their command lines: what is refused here is told in a line, before anything is measured."""
import argparse
import importlib
import shlex
import shutil
import sys


def module(name):
    """The module, which may not be installed: that ends the program with a line."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        sys.exit(f"{error}; this script needs it: pip install {name}")


def positive(text):
    """A whole number from 1 on."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def size(text):
    """(width, height) of WIDTHxHEIGHT."""
    try:
        width, height = map(positive, text.split("x"))
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(f"{text!r} is no WIDTHxHEIGHT, as 1920x1080") from None
    return width, height


def program(command):
    """Why a command, perhaps with options, cannot be started; none if it can."""
    words = shlex.split(command)
    if words and shutil.which(words[0]):
        return None
    return f"there is no program {command!r}; name it by --acuity, as .build/release/acuity"
