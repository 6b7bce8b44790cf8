"""The languages: what starts each one's subject, and what it lacks. README.md has the reasons."""
import os
import pathlib
import shutil
import sys
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
SDK = HERE.parent
ROOT = SDK.parent
BIN = pathlib.Path(os.environ.get("CRONOBS_TEST_BIN", ROOT / "build" / "dev" / "cronobs")).parent / "sdk"
BUILD, GO, JAVA = BIN / "conformance" / "c", BIN / "go", BIN / "java"


@dataclass(frozen=True)
class Language:
    name: str
    program: tuple            # the command of its subject
    folder: pathlib.Path
    needs: tuple = ()         # files and programs without which it is left out: its tool chain
    lacks: frozenset = frozenset()
    handler: str = None       # CONFORMANCE_HANDLER
    planted: tuple = None     # the command of the program with the faults, where that is another one
    only: frozenset = field(default=None)  # scenarios of a variant; None: all

    def command(self, plant=None):
        return self.planted if plant and self.planted else self.program

    def missing(self):
        """Of what it needs, what is not there."""
        return [need for need in self.needs if not (os.path.exists(need) if os.sep in str(need) else shutil.which(str(need)))]


def python(handler, only=None):
    return Language("python" if only is None else f"python-{handler}", (sys.executable, "conformance.py"), SDK / "python",
                    needs=(SDK / "python" / "conformance.py",), handler=handler, only=only)


def node(handler, only=None):
    return Language("node" if only is None else f"node-{handler}", ("node", "conformance.js"), SDK / "node",
                    needs=("node", SDK / "node" / "node_modules" / "kafkajs"), handler=handler,
                    lacks=frozenset({"static"}), planted=("node", "--import", "./conformance_plants.js", "conformance.js"), only=only)


def java(*first):
    """The command of a program whose class path begins with these; most of a short life is the JVM's start, which this makes a short one."""
    path = os.pathsep.join(str(part) for part in (*first, JAVA / "libraries" / "*"))
    return ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m", "-cp", path, "io.cronobs.conformance.Subject")


VARIANT = frozenset({1, 8, 9, 11, 15, 17, 18})  # what the way of running handlers can change

LANGUAGES = {language.name: language for language in (
    Language("c", (BUILD / "subject",), ROOT, needs=(BUILD / "subject",), planted=(BUILD / "planted",),
             lacks=frozenset({"throw", "handlers", "thread", "outside", "late", "surrogates", "split", "client", "testing"})),
    python("thread"),
    python("async", VARIANT),
    Language("go", (GO / "subject",), SDK / "go", needs=("go", GO / "subject"), planted=(GO / "planted",), lacks=frozenset({"surrogates"})),
    node("thread"),
    node("inline", only=VARIANT - {8}),  # whoever holds the event loop holds the beats as well
    Language("java", java(), SDK / "java", needs=("java", JAVA / "libraries"), planted=java(JAVA / "planted")),
)}
