# Says which modules the environment's interpreter does not find. It imports none. It needs Python 3.6 and its standard
# library alone.
#
#     modules.py NAMES     NAMES is a JSON list of top-level modules
#
# The finding is one line on standard output: the mark and a JSON object.
import importlib.util
import json
import sys

MARK = "envctl-proof "


def is_found(name):
    try:
        return name in sys.builtin_module_names or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        # What is broken is there; the import says what is wrong with it.
        return True


def main():
    # The directory of the command has no say.
    sys.path[:] = [path for path in sys.path if path]
    absent = [name for name in json.loads(sys.argv[1]) if not is_found(name)]
    print(MARK + json.dumps({"absent": absent}))


if __name__ == "__main__":
    main()
