import platform
import subprocess
import sys

from mpckernel.ring.memory import keep_pages


def test_pages_are_kept_where_the_c_library_can():
    assert keep_pages() == (platform.libc_ver()[0] == "glibc")
    assert keep_pages() == keep_pages()


def test_all_pages_are_kept_in_a_process_of_its_own():
    program = (
        "import platform, numpy as np; from mpckernel.bench.machine import resident; "
        "from mpckernel.ring.memory import keep_all_pages; done = keep_all_pages(); "
        "a = np.ones(10**7); held = resident(); del a; "
        "assert done == (platform.libc_ver()[0] == 'glibc'); "
        "assert not (done and held) or resident() > held - 10**7, (held, resident())"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
