"""Named checks of one file, run in order; each says what it saw. A failure ends the file with exit 1."""
import sys
import time
import traceback


def run(*checks):
    failed = 0
    for check in checks:
        began = time.monotonic()
        try:
            seen = check()
            print(f"ok   {check.__name__.replace('_', ' ')} ({time.monotonic() - began:.1f} s){': ' + seen if seen else ''}", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"FAIL {check.__name__.replace('_', ' ')}", flush=True)
    sys.exit(1 if failed else 0)
