import platform

from mpckernel.ring.memory import keep_pages


def test_pages_are_kept_where_the_c_library_can():
    assert keep_pages() == (platform.libc_ver()[0] == "glibc")
    assert keep_pages() == keep_pages()
