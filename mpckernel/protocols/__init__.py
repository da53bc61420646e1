"""One party's steps, without I/O: functionalities, the schemes that realise them, their claims."""

from mpckernel.protocols import plain as plain
from mpckernel.protocols import rep3 as rep3
