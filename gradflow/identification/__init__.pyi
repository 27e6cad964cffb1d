from gradflow.identification._isotropy import Isotropy as Isotropy
from gradflow.identification._isotropy import isotropy as isotropy
from gradflow.identification._isotropy import isotropy_of as isotropy_of
from gradflow.identification.configuration import Configuration as Configuration
from gradflow.identification.configuration import identify as identify
from gradflow.identification.kind import NeuronKind as NeuronKind
from gradflow.identification.neurons import Neuron as Neuron
from gradflow.identification.options import IdentifyOptions as IdentifyOptions
