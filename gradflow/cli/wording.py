"""What is wrong, in the words of the command line: options instead of arguments, a command instead of a call."""

import re
from itertools import pairwise
from typing import Any

from gradflow._lazy import homes_of

# what a command calls its options otherwise than the verb behind it
_RENAMED = {
    "phase-diagram": {
        "store": "--out",
        "executor": "--dask",
        "address": "--dask",
        "scheduler_file": "--dask-scheduler-file",
    },
    "report": {"path": "--html"},
}
# other programs' words for an option, or gradflow's own in another command
_MEANT = (
    ("n", "width", "widths", "students", "hidden"),
    ("k", "ks", "teacher", "teachers"),
    ("d", "dim", "dimension", "input-dim"),
    ("runs", "run", "starts", "repeats", "trials", "repetitions", "samples"),
    ("seed", "seeds", "key", "random-seed", "random-state"),
    ("out", "store", "folder", "into", "output", "outdir", "dir", "html", "path", "file"),
    ("dask", "executor", "scheduler", "address", "cluster"),
    ("processes", "process", "workers", "jobs", "n-jobs", "cores", "threads", "parallel", "nproc"),
    ("max-steps", "steps", "maxiter", "max-iter", "iterations"),
    ("time-limit", "timeout", "seconds"),
    ("init", "law", "initialiser", "initializer", "initialization", "initialisation"),
    ("gradient-tolerance", "gtol", "tolerance"),
    ("format", "formats", "type"),
    ("where", "filter", "select", "query"),
    ("limit", "head", "max", "rows"),
    ("digits", "precision", "decimals"),
    ("plain", "progress", "no-progress", "quiet"),
    ("certify", "certificates", "prove", "proof"),
    ("trajectories", "trajectory", "paths"),
)
_RETRY = {"max_steps": "--retry-max-steps", "rtol": "--retry-rtol"}
_VALUE = r"(?P<value>range\([^)]*\)|'[^']*'|\"[^\"]*\"|\.\.\.|[^\s,;)]*[^\s,;).])"
# Typer's words for a value of another kind
_INPUT = re.compile(r"Invalid value for '(?P<name>[^']+)': Input should be (?P<kind>.*)")
_KINDS = {
    r"a valid integer.*": "a whole number",
    r"a valid number.*|a finite number.*": "a number",
    r"greater than or equal to ": "at least ",
    r"less than or equal to ": "at most ",
}
# advice that a shell would not take
_PYTHON = re.compile(
    r"(?:Write|Run|Call|Give|Use|Make) .*(?:\bgf\.|(?<!C-)\w\(|(?<!--where )\b\w+=|\bNone\b|\bTrue\b|\bFalse\b)"
)


def spoken(message: str, command: Any = None) -> str:
    """A message of gradflow's as the user of a command needs it."""
    said = re.sub(r"\b(?:Pure)?(?:Posix|Windows)?Path\(('[^']*'|\"[^\"]*\")\)", r"\1", message)
    verb, _, rest = said.partition(": ")
    if verb in homes_of("gradflow") or verb == "where" or verb.startswith("gradflow "):
        name = getattr(command, "name", None)
        said = f"{name}: {rest}" if verb.replace("_", "-") == name else rest
    if command is None:
        return said
    options = _options(command) | (_RETRY if verb == "Retry" else {})
    if "where" in options:
        said = re.sub(rf"\bwhere\((\w+)={_VALUE}\)", lambda found: f"--where {found[1]}={_plain(found['value'])}", said)
    said = re.sub(r"\bwhere\(([^()]*)\)", r"\1", said)
    said = re.sub(
        rf"(?<![\w.-])(?P<name>\w+)={_VALUE}",
        lambda found: f"{options[found['name']]} {_plain(found['value'])}" if found["name"] in options else found[0],
        said,
    )
    said = re.sub(
        r"(?<![\w-])[a-z]+(?:_[a-z]+)+(?![\w(=])", lambda found: options.get(found[0], found[0]), said
    )  # max_steps; a word of one part may be just a word
    return _with_commands(said, command)


def example(command: Any) -> str:
    """The command's own example, from its help."""
    found = re.search(r"Example:\s+(gradflow .*)", command.help or "")
    return "gradflow --help" if found is None else found[1].strip()


def usage(error: Any, arguments: list[str], command: Any = None) -> str:
    """What is wrong with the options themselves, and the line to write."""
    command = error.ctx.command if error.ctx is not None else command
    said = " ".join(error.format_message().split()).removeprefix("Invalid value: ").replace("Value error, ", "")
    said = said.replace("argument(s)", "arguments")
    if matched := _INPUT.fullmatch(said):
        said = _must_be(matched["name"], matched["kind"], arguments)
    said = re.sub(r"Option '([^']+)' requires an argument", r"\1 needs a value", said)
    if said.startswith("No such option") and command is not None and (meant := _meant(command, error.option_name)):
        return f"No such option: {error.option_name}. Did you mean {meant}? gradflow {command.name} --help has all."
    if command is None or "Write " in said or "Did you mean" in said:
        return said
    return f"{said.removesuffix('.')}. Write {_named(command, arguments) or example(command)}"


def no_value(command: Any, arguments: list[str]) -> str:
    """What is wrong with a word that names nothing: an empty one, which would be the current folder, or "-", which
    would be a file of that name; empty if all name something.
    """
    for before, word in zip(["", *arguments], arguments, strict=False):
        option, sign, value = word.partition("=") if word.startswith("--") else ("", "", word)
        if value not in ("", "-") or (option and not sign):
            continue
        where = option or (before if before.startswith("--") and "=" not in before else "an argument")
        what = "is empty" if value == "" else "is -: gradflow reads and writes files, no standard input or output"
        line = "gradflow --help" if command is None else example(command)
        return f"{where} {what}. Write {line}"
    return ""


def _must_be(name: str, kind: str, arguments: list[str]) -> str:
    """What an option must be, and was."""
    for theirs, ours in _KINDS.items():
        kind = re.sub(theirs, ours, kind)
    given = [after for word, after in pairwise(arguments) if word == name]
    given += [word.partition("=")[2] for word in arguments if word.startswith(f"{name}=")]
    return f"{name} must be {kind.removesuffix('.')}" + (f", got {given[-1]!r}" if given else "")


def _meant(command: Any, word: str) -> str:
    """The command's option that an unknown one means, if another word for it is known; -n for --n too."""
    bare = word.lstrip("-").lower().replace("_", "-")
    known = {option.removeprefix("--"): option for option in _options(command).values()}
    if bare in known:
        return known[bare]
    return next((known[name] for words in _MEANT if bare in words for name in words if name in known), "")


def _named(command: Any, arguments: list[str]) -> str:
    """The command with values that were given without their options, in the order of its options."""
    given = arguments[arguments.index(command.name) + 1 :] if command.name in arguments else []
    if not given or any(word.startswith("-") for word in given):
        return ""
    places = [one for one in command.params if one.param_type_name == "argument"]
    words, values = given[: len(places)], given[len(places) :]
    options = [one.opts[0] for one in command.params if one.param_type_name == "option"]
    needed = [one for one in command.params if one.param_type_name == "option" and one.required]
    if any(one.nargs < 0 for one in places):  # all of them may be what they are
        return ""
    if not values or len(values) > len(options) or len(values) < len(needed):
        return ""
    return " ".join(["gradflow", command.name, *words, *(f"{a} {b}" for a, b in zip(options, values, strict=False))])


def _options(command: Any) -> dict[str, str]:
    """Of the verb's arguments, by their names."""
    own = {one.name: one.opts[0] for one in command.params if one.param_type_name == "option"}
    return own | _RENAMED.get(command.name, {})


def _plain(value: str) -> str:
    """A value as a shell takes it."""
    if value.startswith("range("):
        first, last = re.findall(r"\d+", value) if value.count(",") == 1 else ("1", "8")
        return f"{first}-{int(last) - 1}"
    bare = value.strip("'\"")
    return f"'{bare}'" if re.search(r"[\s()&|]", bare) else bare.replace("_", "") if value[:1].isdigit() else bare


def _with_commands(said: str, command: Any) -> str:
    """Sentences of advice that are still Python are replaced by the command's example."""
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z])", said)
    first, *rest = sentences
    kept = [sentence for sentence in rest if not _PYTHON.match(sentence)]
    if len(kept) < len(rest):
        kept.append(f"Write {example(command)}")
    return " ".join([first, *kept])
