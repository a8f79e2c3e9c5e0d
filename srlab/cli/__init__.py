"""The command line: every command is one library call, its errors one line on stderr, its exit codes 0, 1, 2 or 130.

0 done; 2 something the user gave cannot be used; 130 interrupted, with everything saved; 1 a bug, with its traceback.
"""

import os
import sys
import warnings

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code. Nothing but the results goes to stdout."""
    for name in _THREADS:  # before numpy is imported: its threads only slow products as small as ours
        os.environ.setdefault(name, "1")
    if (
        not sys.warnoptions
    ):  # numpy's remarks on an overflow are no news here: what is not finite is checked for and said
        warnings.simplefilter("ignore", RuntimeWarning)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without UTF-8 shows a question mark, and the command goes on
            stream.reconfigure(errors="replace")
    from srlab.cli.app import app
    from srlab.errors import InputError, MissingExtra
    from srlab.workers.process import make_own

    make_own()
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = app(arguments, prog_name="srlab", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (InputError, MissingExtra) as error:
        return complain(str(error))
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, SystemExit):  # the reader, such as head, has seen enough; typer turns it into an exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except UnicodeDecodeError as error:
        return complain(f"a file is not text in UTF-8 ({error.reason} at byte {error.start}): convert it first")
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except MemoryError:
        return complain("there is not enough memory for this: give smaller numbers, or less data")
    except Exception as error:
        if hasattr(
            error, "format_message"
        ):  # typer's own: an unknown option, a missing argument, a value of the wrong type
            return complain(usage_message(error))
        raise


def complain(message: str) -> int:
    """One error line on stderr (a formula adds the line that shows where); the exit code of a user error."""
    first, newline, rest = message.partition("\n")
    shown = rest if rest.rstrip().endswith("^") else ""
    if not shown:
        first, newline = " ".join(message.split()), ""
    print(f"srlab: {first}{newline}{shown}", file=sys.stderr)
    return 2


def usage_message(error) -> str:
    """What typer says of a wrong command line, on one line, and where the right one is described."""
    message = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "srlab"
    return f"{message[:1].lower()}{message[1:]}: see '{command} --help'"
