from gradflow.networks.initialisers.balanced import Balanced as Balanced
from gradflow.networks.initialisers.base import AbstractInitialiser as AbstractInitialiser
from gradflow.networks.initialisers.glorot_normal import GlorotNormal as GlorotNormal
from gradflow.networks.initialisers.lecun_normal import LecunNormal as LecunNormal
from gradflow.networks.initialisers.scaled import Scaled as Scaled
from gradflow.networks.initialisers.unit_sphere import UnitSphere as UnitSphere
from gradflow.networks.initialisers.warm_start import WarmStart as WarmStart
