"""One joint cell: record, price, agree, run, commit."""
