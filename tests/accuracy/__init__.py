"""Claims about accuracy, held on whole domains; measured by `python -m tests.accuracy`."""
