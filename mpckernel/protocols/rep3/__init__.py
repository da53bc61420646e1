"""Three parties, honest majority, semi-honest: one file for each kind of operation."""

from mpckernel.protocols.rep3 import bits as bits
from mpckernel.protocols.rep3 import blend as blend
from mpckernel.protocols.rep3 import compare as compare
from mpckernel.protocols.rep3 import convert as convert
from mpckernel.protocols.rep3 import flags as flags
from mpckernel.protocols.rep3 import fused as fused
from mpckernel.protocols.rep3 import input as input  # noqa: A004
from mpckernel.protocols.rep3 import linear as linear
from mpckernel.protocols.rep3 import lookup as lookup
from mpckernel.protocols.rep3 import mul as mul
from mpckernel.protocols.rep3 import opening as opening
from mpckernel.protocols.rep3 import permute as permute
from mpckernel.protocols.rep3 import places as places
from mpckernel.protocols.rep3 import random as random
from mpckernel.protocols.rep3 import select as select
from mpckernel.protocols.rep3 import shuffle as shuffle
from mpckernel.protocols.rep3 import spline as spline
from mpckernel.protocols.rep3 import truncate as truncate
from mpckernel.protocols.rep3 import weigh as weigh
