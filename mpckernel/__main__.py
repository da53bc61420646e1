"""`python -m mpckernel -f FILE` is the kernel; with a word instead it is the command line."""

import sys


def main() -> int:
    """Start the kernel when a connection file is given, else run the command."""
    if any(word == "-f" or word.startswith(("-f=", "--f=")) for word in sys.argv[1:]):
        from mpckernel.kernel.kernel import launch

        launch()
        return 0
    from mpckernel.kernel.cli import main as command

    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
