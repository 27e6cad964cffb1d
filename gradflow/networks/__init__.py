"""TwoLayerNetwork, initialisers, the symmetry group."""

from gradflow.networks.initialisers import AbstractInitialiser as AbstractInitialiser
from gradflow.networks.initialisers import Balanced as Balanced
from gradflow.networks.initialisers import GlorotNormal as GlorotNormal
from gradflow.networks.initialisers import LecunNormal as LecunNormal
from gradflow.networks.initialisers import Scaled as Scaled
from gradflow.networks.initialisers import UnitSphere as UnitSphere
from gradflow.networks.initialisers import WarmStart as WarmStart
from gradflow.networks.symmetry import align as align
from gradflow.networks.symmetry import distance as distance
from gradflow.networks.symmetry import flip as flip
from gradflow.networks.symmetry import permute as permute
from gradflow.networks.two_layer import TwoLayerNetwork as TwoLayerNetwork
from gradflow.networks.two_layer import orthonormal_teacher as orthonormal_teacher
