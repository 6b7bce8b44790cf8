#!/usr/bin/env python3
"""Builds what shadows classes of the SDK, each with a fault that the suite must see: plant.py FOLDER

FOLDER/libraries is the class path; FOLDER/planted gets the classes. They are compiled of the SDK's sources, in which the texts below are replaced:
no line of it is in the SDK. The environment says which of the faults is planted, so one folder does for all.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "worker/src/main/java"
PACKAGE = pathlib.Path("io/cronobs/worker")


def planted(name):
    return f'"{name}".equals(System.getenv("CONFORMANCE_PLANT"))'


REPLACED = {  # file: (text, which is there once; what stands there instead), ...
    "Inbox.java": (
        # for the position alone RUNNING is taken for acknowledged: the handler waits for both, as ever
        ("    Commit commit() {\n", f"""    Commit commit() {{
        if (!{planted("commit-first")}) {{
            return genuineCommit();
        }}
        List<Claim> early = turn.stream().filter(claim -> claim.state == State.CLAIMING).toList();
        early.forEach(claim -> claim.state = State.CLAIMED);
        Commit found = genuineCommit();
        early.forEach(claim -> claim.state = State.CLAIMING);
        return found;
    }}

    private Commit genuineCommit() {{
"""),
        ("    void unanswered(Commit commit) {\n", f"""    void unanswered(Commit commit) {{
        if ({planted("claim-dropped")}) {{
            refused(commit);
            return;
        }}
"""),
    ),
    "Clients.java": (
        ('reader(settings, "queue", COMMITTED)', f'reader(settings, "queue", {planted("uncommitted")} ? UNCOMMITTED : COMMITTED)'),
    ),
    "Run.java": (
        ("    long beatDue() {\n", """    long beatDue() {
        if (System.getProperty("conformance.blocked." + execution.executionId) != null) {
            return Tick.NEVER;
        }
"""),
    ),
    "Job.java": (
        ("        this.voice = voice;\n", f"""        newest = {planted("line-astray")} ? voice : newest;
        this.voice = newest == null ? voice : (Voice) java.lang.reflect.Proxy.newProxyInstance(Voice.class.getClassLoader(),
            new Class<?>[] {{Voice.class}}, (proxy, method, arguments) -> method.invoke(method.getName().equals("line") ? newest : voice, arguments));
"""),
        ("    private final Voice voice;\n", "    private final Voice voice;\n    private static volatile Voice newest;\n"),
    ),
}


def patched(path, replacements):
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        if text.count(old) != 1:
            sys.exit(f"{path} has {old.strip()!r} {text.count(old)} times")
        text = text.replace(old, new)
    return text


def main(folder):
    out = pathlib.Path(folder).resolve()
    shutil.rmtree(out / "planted", ignore_errors=True)
    with tempfile.TemporaryDirectory() as laid:
        files = []
        for name, replacements in REPLACED.items():
            files.append(pathlib.Path(laid) / name)
            files[-1].write_text(patched(SOURCES / PACKAGE / name, replacements), encoding="utf-8")
        subprocess.run(["javac", "--release", "17", "-proc:none", "-cp", f"{out / 'libraries'}/*", "-d", out / "planted", *files], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
